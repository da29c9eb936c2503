import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { detectLine, detectStream, type StreamOutcome } from '../../src/detection/index.js'
import { linesOf } from '../../src/detection/lines.js'

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

async function run(text: string): Promise<{ out: string[]; err: string; result: StreamOutcome }> {
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
    expect(result).toEqual({ lines: 2, bad: 0, stopped: false })
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

  it('answers in exactly the promised shape, decisions with their type and who settled them', () => {
    const result = detectLine(discussion('a'), 1)
    const signal = result.ok ? result.answer.signals[0] : undefined
    expect(Object.keys(signal ?? {})).toEqual(
      'kind from to at decisionType decidedBy confidence wouldNudge because'.split(' '),
    )
    expect(result.ok && Object.keys(result.answer)).toEqual(['id', 'signals'])
  })

  it('would nudge from the threshold on, whatever it is set to', () => {
    const found = (nudgeThreshold: number) => {
      const result = detectLine(discussion('a'), 1, { nudgeThreshold })
      return result.ok ? result.answer.signals.find((s) => s.kind === 'decision') : undefined
    }
    const confidence = found(0)?.confidence ?? 0
    expect(found(confidence - 0.01)?.wouldNudge).toBe(true)
    expect(found(confidence + 0.01)?.wouldNudge).toBe(false)
  })

  it('does not let a clock gone mad hide a decision', () => {
    const parsed = JSON.parse(discussion('a')) as { messages: { minute: number }[] }
    for (const message of parsed.messages) message.minute = 1e305
    const result = detectLine(JSON.stringify(parsed), 1)
    expect(result.ok && result.answer.signals.some((s) => s.kind === 'decision')).toBe(true)
  })

  it.each([
    ['epoch seconds in a string', ['1709287200', '1709287380', '1709287440']],
    ['as Slack writes them', ['1709287200.000100', '1709287380.000200', '1709287440.000300']],
    ['milliseconds', [1709287200000, 1709287380000, 1709287440000]],
    ['ISO with a zone', ['2024-03-01T10:00:00Z', '2024-03-01T11:03:00+01:00', '2024-03-01T10:04:00Z']],
    ['ISO without one', ['2024-03-01T10:00', '2024-03-01 10:03', '2024-03-01T10:04:00']],
    ['times of day, over midnight', ['23:58:00', '00:01', '00:02']],
  ])('reads the same gaps between messages from %s', (_, clocks) => {
    const parsed = JSON.parse(discussion('a')) as { messages: { minute?: number; ts?: string | number }[] }
    for (const [i, message] of parsed.messages.entries()) {
      delete message.minute
      message.ts = clocks[i] ?? 0
    }
    expect(detectLine(JSON.stringify(parsed), 1)).toEqual(detectLine(discussion('a'), 1))
  })

  it('takes names that objects have of their own', () => {
    const line = discussion('__proto__')
      .replaceAll('"Helen"', '"__proto__"')
      .replaceAll('"Jo"', '"constructor"')
    const result = detectLine(line, 1)
    expect(result).toMatchObject({ ok: true, answer: { id: '__proto__' } })
    expect(result.ok && result.answer.signals[0]?.decidedBy).toBe('__proto__')
  })

  it('keeps quiet about a reply to nothing', () => {
    const far = discussion('a').replace('"replyTo":0', '"replyTo":99')
    expect(detectLine(far, 1)).toMatchObject({ ok: true })
  })

  it('stops quietly when the reader has seen enough', async () => {
    const errors = new PassThrough()
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    const lines = `${discussion('a')}\n`.repeat(30)
    expect(await detectStream(Readable.from([lines]), gone, errors)).toEqual({
      lines: 1,
      bad: 0,
      stopped: true,
    })
  })

  it('does not take a full disk for a reader that has seen enough', async () => {
    const full = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
      },
    })
    const input = Readable.from([`${discussion('a')}\n`])
    await expect(detectStream(input, full, new PassThrough())).rejects.toThrow('no space')
  })

  it('goes on when nobody reads the errors', async () => {
    const gone = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      },
    })
    const output = new PassThrough()
    const input = Readable.from([`nonsense\nnonsense\n${discussion('a')}\n`])
    expect(await detectStream(input, output, gone)).toEqual({ lines: 3, bad: 2, stopped: false })
    expect(output.read()).not.toBeNull()
  })
})

describe('lines', () => {
  const read = async (chunks: (string | Buffer)[], longest?: number): Promise<string[]> => {
    const found: string[] = []
    for await (const line of linesOf(Readable.from(chunks), longest)) found.push(line.text ?? line.problem)
    return found
  }

  it('end at line feeds alone, since JSON holds other separators', async () => {
    expect(await read(['a\u2028b\rc\u0085\nd'])).toEqual(['a\u2028b\rc\u0085', 'd'])
  })

  it('may come in pieces that cut a character', async () => {
    const bytes = [...Buffer.from('é👍\nü')].map((byte) => Buffer.from([byte]))
    expect(await read(bytes)).toEqual(['é👍', 'ü'])
  })

  it('lose a byte order mark, and bytes that are no text become U+FFFD', async () => {
    expect(await read([Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 10])])).toEqual(['a\ufffd'])
  })

  it('say so when they are UTF-16', async () => {
    expect((await read([Buffer.from('\ufeffa\n', 'utf16le')]))[0]).toMatch(/UTF-8/)
  })

  it('are skipped when too long, and counted', async () => {
    const [first, second, third] = await read(['ab\n', 'x'.repeat(600), 'x'.repeat(600), '\ncd\n'], 1000)
    expect([first, third]).toEqual(['ab', 'cd'])
    expect(second).toMatch(/longer than/)
  })
})
