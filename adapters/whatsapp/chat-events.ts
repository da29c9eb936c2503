import { createHash } from 'node:crypto'
import type { ChatEvent, PersonRef } from '../../src/platform/index.js'
import { readBody } from './body.js'
import { displayName, type People } from './people.js'
import { type Notice, splitPeople } from './phrases.js'
import { Recurrence } from './recurrence.js'
import type { Statement } from './statement.js'

export interface ChatContext {
  readonly conversation: string
  /** Name for a group whose own notices do not tell it. */
  readonly groupName: string
  readonly people: People
  /** Names seen writing in this chat: they keep "Ann and Bob Ltd" in one piece. */
  readonly authors: ReadonlySet<string>
}

interface Base {
  readonly platform: 'whatsapp'
  readonly tenant: 'local'
  readonly conversation: string
  readonly source: 'import'
  readonly at: string
  readonly sequence: string
}

/** Turns what a chat says into events, in the order of the file. */
export class ChatEvents {
  readonly #context: ChatContext
  readonly #positions = new Recurrence()
  readonly #ordinals = new Recurrence()
  #named = false

  constructor(context: ChatContext) {
    this.#context = context
  }

  /** Whether a notice has told the group's name. */
  get named(): boolean {
    return this.#named
  }

  /**
   * @param at instant of the heading
   * @returns the events, and whether all of it was understood
   */
  read(
    statement: Statement,
    at: number,
    form: 'android' | 'ios',
  ): { events: ChatEvent[]; understood: boolean } {
    if (statement.kind === 'idle') return { events: [], understood: true }
    if (statement.kind === 'unknown') return { events: [], understood: false }
    const base = this.#base(at)
    if (statement.kind === 'notice') return this.#notice(statement.notice, base)
    return { events: this.#message(statement.author, statement.text, base, form), understood: true }
  }

  /** The group's name, for a chat that never tells it. */
  nameEvent(at: number): ChatEvent {
    return {
      ...this.#base(at),
      sequence: '',
      kind: 'group-renamed',
      name: this.#context.groupName,
      visibility: 'private',
    }
  }

  #base(at: number): Base {
    const instant = new Date(at).toISOString()
    // Android writes minutes only: the place among the same minute's lines keeps their order.
    const sequence = String(this.#positions.next(instant)).padStart(6, '0')
    const { conversation } = this.#context
    return { platform: 'whatsapp', tenant: 'local', conversation, source: 'import', at: instant, sequence }
  }

  #message(author: string, text: string, base: Base, form: 'android' | 'ios'): ChatEvent[] {
    const person = this.#context.people.ref(author)
    const message = this.#messageId(person, base.at)
    const body = readBody(text, form)
    if (body.kind === 'deleted')
      return [{ ...base, kind: 'message-deleted', message, ...(body.by === 'author' ? { by: person } : {}) }]
    const posted: ChatEvent = {
      ...base,
      kind: 'message-posted',
      message,
      author: person,
      text: body.text,
      ...(body.files.length === 0 ? {} : { files: [...body.files] }),
      ...(body.mentions.length === 0
        ? {}
        : { mentions: body.mentions.map((name) => this.#context.people.ref(name).id) }),
    }
    if (!body.edited) return [posted]
    // The export keeps only the last wording and not when it came; the wording itself names the revision.
    const revision = `edited-${sha256(body.text).slice(0, 16)}`
    const edit: ChatEvent = {
      ...base,
      kind: 'message-edited',
      message,
      revision,
      text: body.text,
      author: person,
      postedAt: base.at,
    }
    return [posted, edit]
  }

  /**
   * An export gives messages no ids. Time, author and the place among that author's messages of the same instant make
   * one that stays when the wording is edited or deleted, and when media are left out of a later export.
   */
  #messageId(author: PersonRef, at: string): string {
    const key = `${at}\n${author.id}`
    return sha256(`${key}\n${this.#ordinals.next(key)}`).slice(0, 32)
  }

  #notice(notice: Notice, base: Base): { events: ChatEvent[]; understood: boolean } {
    const { people, authors, groupName } = this.#context
    const actor = notice.actor === undefined ? undefined : people.ref(notice.actor)
    const by = actor === undefined ? {} : { actor }
    const { names, unnamed } = splitPeople(notice.people ?? notice.person ?? '', notice.and, authors)
    const persons = names.map((name) => people.ref(name))
    const done = (events: ChatEvent[]) => ({ events, understood: !unnamed })
    switch (notice.kind) {
      case 'created':
        this.#named = true
        return done([
          {
            ...base,
            kind: 'group-created',
            name: displayName(notice.name ?? groupName),
            visibility: 'private',
            ...by,
          },
          ...(actor === undefined ? [] : creatorJoins(actor, base)),
        ])
      case 'renamed':
        this.#named = true
        return done([
          {
            ...base,
            kind: 'group-renamed',
            name: displayName(notice.name ?? groupName),
            visibility: 'private',
          },
        ])
      case 'promoted':
      case 'demoted': {
        const role = notice.kind === 'promoted' ? 'owner' : 'member'
        return done(persons.map((person) => ({ ...base, kind: 'member-role-changed', person, role, ...by })))
      }
      case 'joined':
        return done(persons.map((person) => ({ ...base, kind: 'member-joined', person, actor: person })))
      case 'added':
        return done(persons.map((person) => ({ ...base, kind: 'member-joined', person, ...by })))
      case 'removed':
        return done(
          persons.map((person) => ({ ...base, kind: 'member-left', person, how: 'removed', ...by })),
        )
      case 'left':
        return done(
          persons.map((person) => ({ ...base, kind: 'member-left', person, how: 'left', actor: person })),
        )
    }
  }
}

/** Whoever creates a group is in it and administers it. */
function creatorJoins(actor: PersonRef, base: Base): ChatEvent[] {
  return [
    { ...base, kind: 'member-joined', person: actor, actor },
    { ...base, kind: 'member-role-changed', person: actor, role: 'owner', actor },
  ]
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
