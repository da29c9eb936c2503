import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Card, Form, FormValues } from './card.js'
import type { ChatEvent, PersonRef, PlatformName } from './events.js'

/** What a platform can do; the core adapts to what it cannot, and nothing pretends. */
export interface Capabilities {
  /** The event of somebody leaving names who removed them. */
  readonly reportsRemovalActor: boolean
  /** The event of somebody joining names who added them (when there was someone). */
  readonly reportsJoinActor: boolean
  /** A message in a group that one person alone sees. */
  readonly ephemeralMessages: boolean
  /** A posted card can be replaced later. */
  readonly updatesPosts: boolean
  /** `findPost` can recognise our own post by its outbox id after a crash. */
  readonly recognisesOwnPosts: boolean
  /** The bot can add a person to a group. */
  readonly addsMembers: boolean
  /** The bot can join a public group by itself. */
  readonly joinsPublicGroups: boolean
  /** `history` returns past messages. */
  readonly history: boolean
  /** Commands can be used inside threads. */
  readonly commandsInThreads: boolean
  /** Most choices one checkbox field may show; more are paged by the core. */
  readonly maxFormChoices: number
}

/** A verified payload as it came, with what it was parsed into: one row of the inbox for each event. */
export interface Envelope {
  /** The platform's raw payload, JSON text, as verified. */
  readonly raw: string
  /** Parsed events; empty with `unreadable` set when the payload was not understood. */
  readonly events: readonly ChatEvent[]
  /** Why it could not be parsed (no chat text). */
  readonly unreadable?: string
  /** Identity for unreadable payloads: the platform's event id, or a hash of `raw`. */
  readonly fallbackKey?: string
}

/** Where a post goes. `person` means the bot's direct conversation with that account. */
export type PostTarget =
  | { readonly kind: 'group'; readonly conversation: string; readonly thread?: string }
  | { readonly kind: 'person'; readonly person: string }
  | {
      readonly kind: 'ephemeral'
      readonly conversation: string
      readonly person: string
      readonly thread?: string
    }

/** What the platform calls a post, enough to update it later. Kept as JSON in the outbox. */
export interface PostReceipt {
  readonly conversation: string
  readonly message: string
}

export interface OutgoingPost {
  /** Id of the outbox row: written into the post's metadata where the platform allows. */
  readonly outboxId: string
  readonly target: PostTarget
  readonly card: Card
}

interface InteractionBase {
  /** The platform's id of this interaction: a second delivery changes nothing more. */
  readonly id: string
  readonly platform: PlatformName
  readonly tenant: string
  readonly person: PersonRef
  /** Conversation it happened in, where there is one. */
  readonly conversation?: string
  readonly at: Date
}
export const commandNames = [
  'record-decision',
  'membership-log',
  'register-group',
  'send-digest',
  'help',
] as const
export type CommandName = (typeof commandNames)[number]

/** Something a person did that is answered at once. */
export type Interaction = InteractionBase &
  (
    | {
        readonly kind: 'command'
        readonly command: CommandName
        readonly text: string
        readonly thread?: string
      }
    | { readonly kind: 'message-action'; readonly action: 'record-decision'; readonly message: string }
    | {
        readonly kind: 'button'
        readonly action: string
        readonly value: string
        readonly post?: PostReceipt
      }
    | {
        readonly kind: 'form-change'
        readonly form: string
        readonly state: string
        readonly values: FormValues
        readonly changed: string
      }
    | {
        readonly kind: 'form-submit'
        readonly form: string
        readonly state: string
        readonly values: FormValues
      }
    | { readonly kind: 'home' }
  )

/**
 * What the person sees. `form` opens or (after `form-change`) redraws a form; `errors` shows the form again with
 * errors at the fields and everything typed kept; `card` answers privately; `replace` replaces the card that was
 * pressed; `closed` closes the form, with an optional private card.
 */
export type InteractionReply =
  | { readonly kind: 'form'; readonly form: Form }
  | { readonly kind: 'errors'; readonly form: Form; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'replace'; readonly card: Card; readonly form?: Form }
  | { readonly kind: 'closed'; readonly card?: Card }

/** A stretch in which a platform tells us we may have missed something. */
export interface GapReport {
  readonly platform: PlatformName
  readonly tenant: string
  readonly conversation?: string
  readonly from: Date
  readonly to: Date
  readonly reason: 'rate-limited' | 'disabled' | 'reconnected' | 'bot-absent' | 'downtime'
}

/** A conversation as the platform lists it. */
export interface ConversationInfo {
  readonly id: string
  readonly name: string
  readonly visibility: 'public' | 'private'
  readonly botPresent: boolean
  readonly team?: string
}

export interface Logger {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

/** What the core offers an adapter. */
export interface PlatformHost {
  /** Resolves once every event is committed to the inbox: acknowledge the platform only then. Rejects = do not acknowledge. */
  accept(envelopes: readonly Envelope[]): Promise<void>
  /** Answers an interaction; never rejects for foreseeable reasons (they become a card or field errors). */
  interact(interaction: Interaction): Promise<InteractionReply>
  /** Writes a gap and schedules backfill. */
  reportGap(gap: GapReport): Promise<void>
  now(): Date
  readonly log: Logger
  /** Folder of the adapter's own files, created with 0700. */
  readonly dataDir: string
  /** Address of the pages for links in cards, without trailing slash. */
  readonly publicUrl: string
  /** Sandbox only: sets the program's clock. */
  readonly setClock?: (to: Date) => Promise<void>
  /** Sandbox only: resolves when inbox and due outbox rows are worked off. */
  readonly settled?: () => Promise<void>
}

/** A route on WEBHOOK_PORT. */
export interface Webhook {
  readonly path: string
  handle(request: IncomingMessage, response: ServerResponse): void
}

/** Pages an adapter adds to the program's own (the sandbox's chat). */
export interface AdapterPages {
  /** Folder of Nunjucks views; they may extend `layouts/page.njk`. */
  readonly views: string
  register(app: FastifyInstance): Promise<void>
}

/** A check `remembrancer doctor` runs. */
export interface DoctorFinding {
  readonly check: string
  readonly ok: boolean
  readonly detail: string
  readonly fix?: string
}

/**
 * A chat platform behind the port. All outward verbs throw RemembrancerError: PLATFORM_UNAVAILABLE (with
 * `retryAfterMs` where the platform gave it) for what may work later, PLATFORM_NOT_FOUND and PLATFORM_REFUSED for
 * what will not.
 */
export interface ChatPlatform {
  readonly name: PlatformName
  readonly capabilities: Capabilities
  /** Minimum milliseconds between posts: to the same conversation, and over all. */
  readonly rateLimits: { readonly perConversationMs: number; readonly overallMs: number }
  /** Workspace or tenant ids served; known after `start`. */
  tenants(): readonly string[]
  start(host: PlatformHost): Promise<void>
  stop(): Promise<void>
  readonly webhook?: Webhook
  readonly pages?: AdapterPages

  post(tenant: string, post: OutgoingPost): Promise<PostReceipt>
  /** Replaces a posted card. */
  update(tenant: string, receipt: PostReceipt, card: Card): Promise<void>
  /** Finds our own post by outbox id in recent history; undefined when it is not there. Only if `recognisesOwnPosts`. */
  findPost(
    tenant: string,
    target: PostTarget,
    outboxId: string,
    since: Date,
  ): Promise<PostReceipt | undefined>
  /** Complete roster as an event ready for the inbox, or undefined where the platform does not give it (declared in docs). */
  roster(tenant: string, conversation: string): Promise<Envelope | undefined>
  /** Messages posted in [after, before], and new replies to parents older than that, oldest first. */
  history(tenant: string, conversation: string, after: Date, before: Date): AsyncIterable<Envelope>
  conversations(tenant: string): AsyncIterable<ConversationInfo>
  joinGroup(tenant: string, conversation: string): Promise<void>
  addMember(tenant: string, conversation: string, person: string): Promise<void>
  /** Link to a message that the platform's own client opens; undefined where there is none. */
  permalink(tenant: string, conversation: string, message: string): Promise<string | undefined>
  /** Current details of an account, for names in evidence; undefined when unknown. */
  person(tenant: string, id: string): Promise<PersonRef | undefined>
  doctor(): Promise<readonly DoctorFinding[]>
  /** What it knows to be wrong at this moment without asking anybody, for the status page; none when absent. */
  troubles?(): readonly DoctorFinding[]
}

/** A command of the CLI that an adapter adds (`slack manifest`, `teams package`). */
export interface AdapterCommand {
  readonly name: string
  readonly summary: string
  /** Each option as it is typed, and what it does: printed by `--help`. */
  readonly options: readonly (readonly [option: string, meaning: string])[]
  run(args: readonly string[], env: NodeJS.ProcessEnv, out: (line: string) => void): Promise<number>
}
