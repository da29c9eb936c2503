import { sampleCard, sampleForm } from '../contract/samples.js'
import { plainAnswer } from '../support/fake-host.js'
import { openSandbox } from './open-sandbox.js'

/**
 * Development server of the sandbox over a fake host: `npx tsx test/sandbox/serve.ts [port]`. Commands open the
 * sample form, whose first submission is refused; buttons answer with a card.
 */
const open = await openSandbox({ port: Number(process.argv[2] ?? 3100) })
let refused = false
open.host.answerAlways((interaction) => {
  if (interaction.kind === 'command' && interaction.command === 'record-decision')
    return { kind: 'form', form: sampleForm() }
  if (interaction.kind === 'message-action') return { kind: 'form', form: sampleForm() }
  if (interaction.kind === 'button' && interaction.action === 'nudge.record')
    return { kind: 'form', form: sampleForm() }
  if (interaction.kind === 'form-submit') {
    refused = !refused
    return refused
      ? { kind: 'errors', form: sampleForm(), errors: { why: 'Say why in a few words' } }
      : { kind: 'closed', card: { heading: 'Recorded as DEC-2026-00001', summary: 'Recorded' } }
  }
  return { kind: 'card', card: plainAnswer }
})
for (const person of ['nadia-rahman', 'tamsin-vale'])
  await open.platform.post('local', {
    outboxId: `sample-${person}`,
    target: { kind: 'person', person },
    card: sampleCard(),
  })
console.log(open.url)
