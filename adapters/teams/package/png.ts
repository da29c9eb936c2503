import { crc32, deflateSync } from 'node:zlib'

/** Colour of one pixel: red, green, blue, opacity, each 0–255. */
export type Pixel = readonly [number, number, number, number]

/**
 * A PNG file, drawn pixel by pixel (8-bit RGBA, no interlacing).
 * @param size width and height
 * @param draw colour at the middle of a pixel, coordinates from 0 to 1
 */
export function drawPng(size: number, draw: (x: number, y: number) => Pixel): Buffer {
  const rows: Buffer[] = []
  for (let row = 0; row < size; row += 1) {
    const line = Buffer.alloc(1 + size * 4)
    for (let column = 0; column < size; column += 1) line.set(smooth(draw, column, row, size), 1 + column * 4)
    rows.push(line)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Sixteen samples a pixel, so that edges are not jagged. */
function smooth(draw: (x: number, y: number) => Pixel, column: number, row: number, size: number): number[] {
  let [red, green, blue, alpha] = [0, 0, 0, 0]
  for (let sample = 0; sample < 16; sample += 1) {
    const x = (column + ((sample % 4) + 0.5) / 4) / size
    const y = (row + (Math.floor(sample / 4) + 0.5) / 4) / size
    const [r, g, b, a] = draw(x, y)
    red += r * a
    green += g * a
    blue += b * a
    alpha += a
  }
  if (alpha === 0) return [0, 0, 0, 0]
  return [red / alpha, green / alpha, blue / alpha, alpha / 16].map(Math.round)
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8 + body.length)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc(body), 4 + body.length)
  return frame
}

function crc(data: Buffer): number {
  return crc32(data) >>> 0
}
