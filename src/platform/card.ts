/**
 * Neutral content. Everything is plain text: renderers escape it for mrkdwn, Adaptive Cards or HTML, and cut it to
 * the platform's limits without losing meaning ("and 14 more", with a link to all of them).
 */
export interface Link {
  readonly label: string
  readonly url: string
}

/** A text cut to a length at a word, in one line, so that whoever reads it sees that there is more. */
export function cutAtWord(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= limit) return line
  const cut = line.slice(0, limit - 1)
  const space = cut.lastIndexOf(' ')
  return `${cut.slice(0, space > limit / 2 ? space : cut.length).trimEnd()}…`
}

/** One line of a list in a card. */
export interface CardItem {
  readonly text: string
  /** Smaller second line: who, when, days left. */
  readonly detail?: string
  readonly link?: Link
  /** Actions on this item alone (rendered as a menu or small buttons). */
  readonly buttons?: readonly Button[]
}

export interface CardList {
  readonly title: string
  readonly items: readonly CardItem[]
  /** How many there are in all when `items` is only the first of them. */
  readonly total?: number
  readonly more?: Link
}

export interface Button {
  readonly label: string
  /** Stable name of what it does, e.g. `nudge.record`; comes back in the interaction. */
  readonly action: string
  /** Opaque value, at most 200 characters; comes back in the interaction. */
  readonly value: string
  readonly style?: 'primary' | 'warning'
  /**
   * True when pressing it opens a form. Teams must know beforehand (only a button drawn as a dialog button may open
   * one); without it the form costs a second tap there. Other platforms may ignore it.
   */
  readonly opensForm?: boolean
}

export interface Card {
  readonly heading: string
  /** Paragraphs. */
  readonly text?: readonly string[]
  /** Messages quoted as evidence: author, time and words. */
  readonly quotes?: readonly {
    readonly author: string
    readonly at: string
    readonly text: string
    readonly link?: string
  }[]
  readonly facts?: readonly { readonly label: string; readonly value: string }[]
  readonly lists?: readonly CardList[]
  readonly buttons?: readonly Button[]
  readonly links?: readonly Link[]
  /** Small print: why you see this, who can see it. */
  readonly footer?: string
  /** One line for notifications and screen readers. */
  readonly summary: string
}

interface FieldBase {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly required: boolean
  readonly error?: string
  /** A change of this field asks the core for the form again (`form-change`). */
  readonly refreshes?: boolean
}
export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}
export type Field =
  | (FieldBase & { readonly type: 'text' | 'textarea'; readonly value?: string; readonly maxLength: number })
  /** Local date and time `YYYY-MM-DDTHH:MM` in the form's time zone; `date` is `YYYY-MM-DD`. */
  | (FieldBase & { readonly type: 'date-time' | 'date'; readonly value?: string })
  | (FieldBase & {
      readonly type: 'select' | 'radios'
      readonly value?: string
      readonly choices: readonly Choice[]
    })
  | (FieldBase & {
      readonly type: 'checkboxes'
      readonly values: readonly string[]
      readonly choices: readonly Choice[]
    })
  /** People known to the platform: values are platform account ids. `choices` names those selected or likely. */
  | (FieldBase & {
      readonly type: 'people'
      readonly values: readonly string[]
      readonly choices: readonly Choice[]
      readonly multiple: boolean
    })

/** Page of a long field (evidence), moved by `form-change` with `changed: 'page:<n>'`. */
export interface FormPager {
  readonly field: string
  /** Counted from 1. */
  readonly page: number
  readonly pages: number
  readonly label: string
}

export interface Form {
  /** Which form: `record-decision`, `register-group`, … */
  readonly id: string
  /** Opaque, at most 500 characters: comes back unchanged with every change and submit. */
  readonly state: string
  /** At most 24 characters (Slack's limit for a modal title). */
  readonly title: string
  readonly intro?: readonly string[]
  readonly fields: readonly Field[]
  readonly submitLabel: string
  readonly pager?: FormPager
  /** Shown above the fields when something is wrong. */
  readonly problem?: string
}

/** Values of a submitted or changed form: one string a field, or several for checkboxes and people. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>
