import type { ChatPlatform, FormValues, PostTarget } from '../../src/platform/index.js'
import type { FakeHost } from '../support/fake-host.js'

/** An account the harness's platform knows. */
export interface ContractPerson {
  readonly id: string
  readonly name: string
}

/** A card as a person sees it on the platform, read back from what the adapter sent over its wire. */
export interface SeenCard {
  /** The platform's id of the post; empty for private answers that have none. */
  readonly id: string
  readonly heading: string
  /** All visible words except heading and buttons, joined with newlines, markup undone as the client would. */
  readonly text: string
  /** Labels of its buttons, those of list items included. */
  readonly buttons: readonly string[]
}

/** A form as a person sees it. */
export interface SeenForm {
  readonly title: string
  /** Message above the fields, if any. */
  readonly problem?: string
  readonly fields: readonly {
    readonly name: string
    readonly label: string
    /** What stands in the field now. */
    readonly value: string | readonly string[]
    readonly error?: string
  }[]
}

/**
 * Drives one adapter through its own wire for the contract suite: sandbox over HTTP, Slack and Teams against strict
 * stand-ins of their services. Each act resolves when the adapter has answered the delivery (or has tried to hand it
 * over and failed); it rejects only when the stand-in itself refuses.
 */
export interface Harness {
  readonly platform: ChatPlatform
  readonly host: FakeHost
  readonly tenant: string
  /** A group the bot is in, with `member` and `other` in it, and `outsider` not. */
  readonly group: string
  /** A public group the bot is not in (for `joinsPublicGroups`). */
  readonly publicGroup?: string
  readonly people: {
    readonly member: ContractPerson
    readonly other: ContractPerson
    readonly outsider: ContractPerson
  }
  readonly act: {
    /** Posts a message; resolves with its id as events name it. */
    say(conversation: string, person: string, text: string, opts?: { thread?: string }): Promise<string>
    /** Writes to the bot in a direct conversation. */
    sayToBot(person: string, text: string): Promise<void>
    edit(conversation: string, message: string, person: string, text: string): Promise<void>
    remove(conversation: string, message: string, person: string): Promise<void>
    join(conversation: string, person: string, by?: string): Promise<void>
    leave(conversation: string, person: string): Promise<void>
    /** Removes somebody; absent where the wire does not tell it from leaving. */
    removeMember?(conversation: string, person: string, by: string): Promise<void>
    /** Types a command (Slack slash command, Teams message to the bot, sandbox composer). */
    command(person: string, conversation: string, command: string, text: string): Promise<void>
    /** Chooses "Record a decision" in a message's menu. */
    messageAction(person: string, conversation: string, message: string): Promise<void>
    press(person: string, card: SeenCard, buttonLabel: string): Promise<void>
    /** Types these values over what stands in the open form and submits it. */
    submit(person: string, values: FormValues): Promise<void>
    /** Changes one field of the open form that asks for a refresh; absent where forms cannot be refreshed. */
    change?(person: string, values: FormValues, changed: string): Promise<void>
    /** Delivers a genuine (signed, authenticated) payload of a kind or shape the adapter does not know. */
    sendUnreadable(): Promise<void>
  }
  readonly delivery: {
    /** Whether the last act that makes an event was acknowledged to the platform. */
    acknowledged(): boolean
    /** Delivers the last event again, as the platform would after a failure or by mistake. */
    again(): Promise<void>
  }
  readonly see: {
    /** Cards of the bot that stand there now, oldest first (ephemeral ones only for `person` targets of that kind). */
    posts(target: PostTarget): Promise<readonly SeenCard[]>
    openForm(person: string): Promise<SeenForm | undefined>
    /** Cards shown to this person alone as an answer to something they did, oldest first. */
    answers(person: string): Promise<readonly SeenCard[]>
  }
  stop(): Promise<void>
}
