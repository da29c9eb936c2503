import { checkElement, checkShape, checkText, type Problems } from './block-kit-elements.js'

type Json = Record<string, unknown>

/**
 * Checks blocks as Slack does before it shows them: kinds, required and unknown fields, lengths, uniqueness.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export function checkBlocks(blocks: unknown, surface: 'message' | 'modal' | 'home'): string[] {
  const problems: string[] = []
  if (!Array.isArray(blocks)) return ['blocks is not an array']
  // "up to 50 blocks in each message, and 100 blocks in modals or home tabs"
  const most = surface === 'message' ? 50 : 100
  if (blocks.length > most) problems.push(`no more than ${most} blocks in a ${surface} (${blocks.length})`)
  if (blocks.length === 0) problems.push('blocks is empty')
  const ids = new Set<string>()
  for (const [index, block] of blocks.entries()) {
    const at = (what: string): void => void problems.push(`blocks[${index}]: ${what}`)
    if (typeof block !== 'object' || block === null) {
      at('is not an object')
      continue
    }
    checkBlock(block as Json, surface, at)
    const id = (block as Json).block_id
    if (id === undefined) continue
    if (typeof id !== 'string' || id.length > 255 || id === '') at('block_id is not 1 to 255 characters')
    else if (ids.has(id)) at(`block_id ${id} is not unique`)
    else ids.add(id)
  }
  if (surface === 'message' && textLength(blocks) > 13_200) problems.push('msg_blocks_too_long')
  return problems
}

/** Fields each block may have; `!` marks the required ones. */
const shapes: Readonly<Record<string, readonly string[]>> = {
  header: ['text!', 'block_id'],
  divider: ['block_id'],
  section: ['text', 'fields', 'accessory', 'block_id', 'expand'],
  context: ['elements!', 'block_id'],
  actions: ['elements!', 'block_id'],
  input: ['label!', 'element!', 'dispatch_action', 'block_id', 'hint', 'optional'],
  rich_text: ['elements!', 'block_id'],
  image: ['image_url', 'alt_text!', 'title', 'block_id', 'slack_file'],
}

function checkBlock(block: Json, surface: string, at: Problems): void {
  const shape = shapes[String(block.type)]
  if (shape === undefined) return void at(`unsupported type: ${String(block.type)}`)
  checkShape(block, shape, at)
  switch (block.type) {
    case 'header':
      // https://docs.slack.dev/reference/block-kit/blocks/header-block: plain_text, at most 150 characters
      return void checkText(block.text, ['plain_text'], 150, 'header.text', at)
    case 'section':
      return void checkSection(block, surface, at)
    case 'context':
      return void checkContext(block, at)
    case 'actions':
      return void checkActions(block, surface, at)
    case 'input':
      return void checkInput(block, surface, at)
    case 'rich_text':
      return void checkRichText(block, at)
    default:
      return
  }
}

/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
function checkSection(block: Json, surface: string, at: Problems): void {
  if (block.text === undefined && block.fields === undefined) at('section needs text or fields')
  if (block.text !== undefined) checkText(block.text, ['plain_text', 'mrkdwn'], 3000, 'section.text', at)
  if (block.fields !== undefined) {
    const fields = block.fields
    if (!Array.isArray(fields) || fields.length < 1 || fields.length > 10)
      return void at('section.fields must have 1 to 10 items')
    for (const field of fields) checkText(field, ['plain_text', 'mrkdwn'], 2000, 'section.fields', at)
  }
  if (block.accessory !== undefined) checkElement(block.accessory, 'section', surface, at)
}

/** https://docs.slack.dev/reference/block-kit/blocks/context-block: 1 to 10 elements */
function checkContext(block: Json, at: Problems): void {
  const elements = block.elements
  if (!Array.isArray(elements) || elements.length < 1 || elements.length > 10)
    return void at('context needs 1 to 10 elements')
  for (const element of elements) checkText(element, ['plain_text', 'mrkdwn'], 2000, 'context.elements', at)
}

/** https://docs.slack.dev/reference/block-kit/blocks/actions-block: 1 to 25 elements, unique action ids */
function checkActions(block: Json, surface: string, at: Problems): void {
  const elements = block.elements
  if (!Array.isArray(elements) || elements.length < 1 || elements.length > 25)
    return void at('actions needs 1 to 25 elements')
  const ids = new Set<unknown>()
  for (const element of elements) {
    checkElement(element, 'actions', surface, at)
    const id = (element as Json).action_id
    if (ids.has(id)) at(`action_id ${String(id)} is not unique in its block`)
    ids.add(id)
  }
}

/** https://docs.slack.dev/reference/block-kit/blocks/input-block */
function checkInput(block: Json, surface: string, at: Problems): void {
  checkText(block.label, ['plain_text'], 2000, 'input.label', at)
  if (block.hint !== undefined) checkText(block.hint, ['plain_text'], 2000, 'input.hint', at)
  for (const flag of ['optional', 'dispatch_action'])
    if (block[flag] !== undefined && typeof block[flag] !== 'boolean') at(`input.${flag} is not a boolean`)
  checkElement(block.element, 'input', surface, at)
}

/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
function checkRichText(block: Json, at: Problems): void {
  if (!Array.isArray(block.elements) || block.elements.length === 0)
    return void at('rich_text has no elements')
  for (const element of block.elements) checkRichElement(element as Json, at)
}

function checkRichElement(element: Json, at: Problems): void {
  const inner = element.elements
  if (!Array.isArray(inner) || inner.length === 0) return void at(`${String(element.type)} has no elements`)
  switch (element.type) {
    case 'rich_text_section':
    case 'rich_text_quote':
    case 'rich_text_preformatted':
      checkShape(element, ['elements!', 'border'], at)
      for (const each of inner) checkInline(each as Json, at)
      return
    case 'rich_text_list':
      checkShape(element, ['elements!', 'style!', 'indent', 'offset', 'border'], at)
      if (element.style !== 'bullet' && element.style !== 'ordered') at('rich_text_list.style is wrong')
      for (const each of inner) {
        if ((each as Json).type !== 'rich_text_section')
          at('rich_text_list holds something else than sections')
        else checkRichElement(each as Json, at)
      }
      return
    default:
      at(`unsupported rich text element: ${String(element.type)}`)
  }
}

function checkInline(inline: Json, at: Problems): void {
  switch (inline.type) {
    case 'text':
      checkShape(inline, ['text!', 'style'], at)
      if (typeof inline.text !== 'string' || inline.text === '') at('rich text: text is empty')
      return
    case 'link':
      checkShape(inline, ['url!', 'text', 'unsafe', 'style'], at)
      if (typeof inline.url !== 'string' || !/^(https?|mailto|tel):/.test(inline.url))
        at('rich text: bad url')
      return
    case 'user':
      return void checkShape(inline, ['user_id!', 'style'], at)
    case 'emoji':
      return void checkShape(inline, ['name!', 'unicode', 'style'], at)
    default:
      at(`unsupported rich text inline: ${String(inline.type)}`)
  }
}

/**
 * Checks a view. @see https://docs.slack.dev/reference/views and https://docs.slack.dev/surfaces/modals
 */
export function checkView(view: unknown, method: string): string[] {
  if (typeof view !== 'object' || view === null) return ['view is not an object']
  const json = view as Json
  const problems: string[] = []
  const at = (what: string) => void problems.push(`view: ${what}`)
  if (json.type === 'home') {
    if (method !== 'views.publish' && method !== 'views.update') at(`type home is not allowed in ${method}`)
    checkShape(json, ['blocks!', 'private_metadata', 'callback_id', 'external_id'], at)
    return [...problems, ...checkBlocks(json.blocks, 'home')]
  }
  if (json.type !== 'modal') return [`view: unsupported type ${String(json.type)}`]
  if (method === 'views.publish') at('type modal is not allowed in views.publish')
  checkShape(
    json,
    [
      'title!',
      'blocks!',
      'close',
      'submit',
      'private_metadata',
      'callback_id',
      'clear_on_close',
      'notify_on_close',
      'external_id',
      'submit_disabled',
    ],
    at,
  )
  for (const part of ['title', 'close', 'submit'])
    if (json[part] !== undefined) checkText(json[part], ['plain_text'], 24, part, at)
  if (json.private_metadata !== undefined && String(json.private_metadata).length > 3000)
    at('private_metadata is over 3000 characters')
  if (json.callback_id !== undefined && String(json.callback_id).length > 255) at('callback_id is over 255')
  const hasInput =
    Array.isArray(json.blocks) && json.blocks.some((block) => (block as Json)?.type === 'input')
  if (hasInput && json.submit === undefined) at('submit is required when there is an input block')
  return [...problems, ...checkBlocks(json.blocks, 'modal')]
}

function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0)
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : textLength(item)),
    0,
  )
}
