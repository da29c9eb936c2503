import { drawPng, type Pixel } from './png.js'

const clear: Pixel = [0, 0, 0, 0]
const white: Pixel = [255, 255, 255, 255]
const blue: Pixel = [29, 63, 114, 255]
const thread: Pixel = [201, 58, 52, 255]

/** A raised finger with a thread tied round it, so as not to forget. */
function inFinger(x: number, y: number, grow = 0): boolean {
  const half = 0.13 + grow
  const top = 0.28
  const bottom = 0.84 + grow
  if (y > bottom) return false
  if (y >= top) return Math.abs(x - 0.5) <= half
  return Math.hypot(x - 0.5, y - top) <= half
}

function inThread(x: number, y: number): boolean {
  const band = y > 0.46 && y < 0.53 && Math.abs(x - 0.5) <= 0.15
  const loop = (cx: number) => {
    const d = Math.hypot((x - cx) / 1.25, y - 0.43)
    return d < 0.1 && d > 0.055
  }
  return band || loop(0.73) || loop(0.94 - 0.67)
}

/** The colour icon: 192 × 192, no transparency at its edges. */
export function colourIcon(): Buffer {
  return drawPng(192, (x, y) => {
    if (inThread(x, y)) return thread
    return inFinger(x, y) ? white : blue
  })
}

/** The outline icon: 32 × 32, white on transparent. */
export function outlineIcon(): Buffer {
  return drawPng(32, (x, y) => {
    if (inThread(x, y)) return white
    return inFinger(x, y) && !inFinger(x, y, -0.06) ? white : clear
  })
}
