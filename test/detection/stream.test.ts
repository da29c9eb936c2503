import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { detectLine, detectStream } from '../../src/detection/index.js'

const discussion = (id: string): string =>
  JSON.stringify({
    id,
    platform: 'teams',
    messages: [
      {
        speaker: 'Jo',
        minute: 0,
        text: 'Quote is £14,200. Helen are you ok with that coming out of your budget?',
      },
      { speaker: 'Helen', minute: 3, text: 'Approved, go ahead, cap it at 15k', replyTo: 0 },
      { speaker: 'Jo', minute: 4, text: 'Thank you, ringing them now' },
    ],
  })

async function run(
  text: string,
): Promise<{ out: string[]; err: string; result: { lines: number; bad: number } }> {
  const output = new PassThrough()
  const errors = new PassThrough()
  const result = await detectStream(Readable.from([text]), output, errors)
  output.end()
  errors.end()
  const read = async (stream: PassThrough): Promise<string> =>
    Buffer.concat(await stream.toArray()).toString('utf8')
  return { out: (await read(output)).split('\n').filter(Boolean), err: await read(errors), result }
}

describe('one discussion a line', () => {
  it('answers each line in order, with positions', async () => {
    const { out, result } = await run(`${discussion('a')}\n${discussion('b')}\n`)
    expect(result).toEqual({ lines: 2, bad: 0 })
    expect(out.map((line) => JSON.parse(line).id)).toEqual(['a', 'b'])
    expect(JSON.parse(out[0] ?? '').signals[0]).toMatchObject({
      kind: 'decision',
      at: 1,
      decidedBy: 'Helen',
      wouldNudge: true,
    })
  })

  it('reports a bad line by its number, without its text, and goes on', async () => {
    const { out, err, result } = await run(
      `${discussion('a')}\nsecret nonsense\n\n{"id":"x"}\n${discussion('b')}\n`,
    )
    expect(out).toHaveLength(2)
    expect(result.bad).toBe(2)
    expect(err).toContain('line 2: not JSON')
    expect(err).toContain('line 4: messages')
    expect(err).not.toContain('secret')
  })

  it('waits for a slow reader', async () => {
    let pending = 0
    let most = 0
    const slow = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        pending++
        most = Math.max(most, pending)
        setImmediate(() => {
          pending--
          done()
        })
      },
    })
    await detectStream(Readable.from([`${discussion('a')}\n`.repeat(30)]), slow, new PassThrough())
    expect(most).toBe(1)
  })

  it('takes clocks as minutes, as instants, and as nothing at all', () => {
    for (const clock of [{ minute: 5 }, { ts: '2024-03-01T10:00:00Z' }, { ts: 1709287200 }, {}]) {
      const line = JSON.stringify({ id: 1, messages: [{ speaker: 'A', text: 'hello', ...clock }] })
      expect(detectLine(line, 1)).toEqual({ ok: true, answer: { id: 1, signals: [] } })
    }
  })
})
