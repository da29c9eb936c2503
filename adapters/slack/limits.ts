/**
 * Block Kit's limits, from the reference pages under https://docs.slack.dev/reference/block-kit and
 * https://docs.slack.dev/surfaces/modals.
 */
export const limits = {
  blocksInMessage: 50,
  blocksInView: 100,
  headerText: 150,
  sectionText: 3000,
  fieldText: 2000,
  fieldsInSection: 10,
  contextText: 2000,
  elementsInActions: 25,
  buttonText: 75,
  buttonValue: 2000,
  actionId: 255,
  blockId: 255,
  optionText: 75,
  optionValue: 150,
  optionsInSelect: 100,
  optionGroups: 100,
  optionsInRadios: 10,
  optionsInCheckboxes: 10,
  viewTitle: 24,
  privateMetadata: 3000,
  inputLabel: 2000,
  inputHint: 2000,
  inputText: 3000,
  url: 3000,
  /** Slack cuts longer texts; its advice is to stay under 4,000. */
  messageText: 4000,
  /** All text of a message's blocks together: beyond about 13,000 Slack answers `msg_blocks_too_long`. */
  allBlocksText: 12_000,
} as const

/** Cuts to at most `max` UTF-16 units at a whole character, with an ellipsis in place of what is lost. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text
  let end = max - 1
  const code = text.charCodeAt(end - 1)
  if (code >= 0xd800 && code <= 0xdbff) end -= 1
  return `${text.slice(0, end).trimEnd()}…`
}
