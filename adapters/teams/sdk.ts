import { Application, TeamsAdapter } from '@microsoft/teams-ai'
import {
  ActivityTypes,
  INVOKE_RESPONSE_KEY,
  type Activity as SdkActivity,
  type TurnContext,
} from 'botbuilder'
import {
  AuthenticationConstants,
  ClaimsIdentity,
  ConnectorClient,
  ConnectorFactory,
  type ServiceClientCredentials,
  ServiceClientCredentialsFactory,
} from 'botframework-connector'
import type { Activity } from './activity.js'
import type { Dialog } from './render-form.js'
import { type AdaptiveCard, cardAttachment, ourVerb } from './wire.js'

/*
 * The only file that touches Microsoft's SDK. The SDK routes turns and shapes invoke answers; it never verifies a
 * request (guard.ts has), never holds a token and never sends anything (connector.ts does).
 */

/** What a dialog shows next. */
export type DialogAnswer =
  | { readonly kind: 'dialog'; readonly dialog: Dialog }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'close' }

/** What pressing an Action.Execute button gives back to the one who pressed. */
export type ExecuteAnswer =
  | { readonly kind: 'card'; readonly card: AdaptiveCard }
  | { readonly kind: 'message'; readonly text: string }

/** What one turn may lead to; the adapter's own code, free of SDK types. */
export interface Turn {
  message(): Promise<void>
  execute(): Promise<ExecuteAnswer>
  dialog(): Promise<DialogAnswer>
}

/** Status and body of an answer given in the HTTP response. */
export interface InvokeAnswer {
  readonly status: number
  readonly body?: unknown
}

/** Runs verified activities through the SDK. */
export interface Sdk {
  /** @returns what to answer an invoke with; undefined for messages */
  run(activity: Activity, turn: Turn): Promise<InvokeAnswer | undefined>
}

const turnKey = Symbol('remembrancer turn')
/** Commands of our message extension, as the manifest names them. */
export const recordDecisionCommand = 'recordDecision'

/** Creates the application and its routes. Costs about a second and 140 MB: imported only when Teams is configured. */
export function createSdk(options: { appId: string; tenantId: string }): Sdk {
  const adapter = new TeamsAdapter(
    {
      MicrosoftAppId: options.appId,
      MicrosoftAppType: 'SingleTenant',
      MicrosoftAppTenantId: options.tenantId,
    },
    new NoCredentialsFactory(options.appId),
  )
  // No `storage`: turn state lives for the turn alone, so memory does not grow with conversations.
  const app = new Application({
    adapter,
    botAppId: options.appId,
    startTypingTimer: false,
    longRunningMessages: false,
    removeRecipientMention: false,
  })
  addRoutes(app)
  const identity = new ClaimsIdentity(
    [
      { type: AuthenticationConstants.AudienceClaim, value: options.appId },
      { type: AuthenticationConstants.AppIdClaim, value: options.appId },
    ],
    true,
  )

  return {
    async run(activity, turn) {
      let answer: InvokeAnswer | undefined
      const failures: unknown[] = []
      await adapter.processActivityDirect(
        { audience: '', claimsIdentity: identity, connectorFactory: new NoConnectorFactory() },
        routable(activity, options.appId),
        async (context) => {
          context.turnState.set(turnKey, turn)
          try {
            await app.run(context)
            answer = answerOf(context)
          } catch (error) {
            // The SDK would wrap it in an error of its own, and its code would be lost.
            failures.push(error)
          }
        },
      )
      if (failures.length > 0) throw failures[0]
      return answer
    },
  }
}

/**
 * What the SDK needs to find a route, and no more: it changes activities as it goes, and throws at any that lacks an
 * author or recipient.
 */
function routable(activity: Activity, appId: string): SdkActivity {
  const { type, name, id, text, value } = activity
  const sketch = {
    type,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
    ...(value === undefined ? {} : { value: structuredClone(value) }),
    text: text ?? '',
    channelId: 'msteams',
    serviceUrl: activity.serviceUrl ?? '',
    from: { id: activity.from?.id ?? 'nobody' },
    recipient: { id: `28:${appId}` },
    conversation: { id: activity.conversation.id },
  }
  return sketch as unknown as SdkActivity
}

function answerOf(context: TurnContext): InvokeAnswer | undefined {
  if (context.activity.type !== ActivityTypes.Invoke) return undefined
  const queued = context.turnState.get<SdkActivity | undefined>(INVOKE_RESPONSE_KEY)?.value
  return queued === undefined ? { status: 501 } : queued
}

function turnOf(context: TurnContext): Turn {
  return context.turnState.get<Turn>(turnKey)
}

function addRoutes(app: Application): void {
  // Only the first matching route runs, so each kind has exactly one, and evidence is committed before any of them.
  app.adaptiveCards.actionExecute(ourVerb, async (context) => {
    // Answered here: the SDK's own way remembers a card's `refresh` and then replaces cards for all for ever after.
    await respond(context, executeBody(await turnOf(context).execute()))
    return ''
  })
  app.taskModules.fetch(ourVerb, async (context) => {
    await respond(context, taskBody(await turnOf(context).dialog()))
    return ''
  })
  app.taskModules.submit(ourVerb, async (context) => {
    await respond(context, taskBody(await turnOf(context).dialog()))
    // Anything falsy here makes the SDK throw our answer away and close the dialog.
    return 'answered'
  })
  app.messageExtensions.fetchTask(recordDecisionCommand, async (context) => {
    await respond(context, taskBody(await turnOf(context).dialog()))
    return ''
  })
  app.addRoute(
    async (context) =>
      context.activity.type === ActivityTypes.Invoke &&
      context.activity.name === 'composeExtension/submitAction',
    async (context) => respond(context, taskBody(await turnOf(context).dialog()) ?? {}),
    true,
  )
  app.activity(ActivityTypes.Message, async (context) => turnOf(context).message())
}

async function respond(context: TurnContext, body: unknown): Promise<void> {
  await context.sendActivity({
    type: ActivityTypes.InvokeResponse,
    value: { status: 200, ...(body === undefined ? {} : { body }) },
  })
}

function taskBody(answer: DialogAnswer): unknown {
  switch (answer.kind) {
    case 'close':
      return undefined
    case 'message':
      return { task: { type: 'message', value: answer.text } }
    case 'dialog':
      return {
        task: {
          type: 'continue',
          value: {
            title: answer.dialog.title,
            height: 'large',
            width: 'medium',
            card: cardAttachment(answer.dialog.card),
          },
        },
      }
  }
}

function executeBody(answer: ExecuteAnswer): unknown {
  return answer.kind === 'card'
    ? { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: answer.card }
    : { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: answer.text }
}

/** Credentials that refuse: whatever the SDK might try to send carries no token and goes nowhere. */
const noCredentials: ServiceClientCredentials = {
  signRequest: () => Promise.reject(new Error('The SDK sends nothing: connector.ts does.')),
}

class NoCredentialsFactory extends ServiceClientCredentialsFactory {
  readonly #appId: string

  constructor(appId: string) {
    super()
    this.#appId = appId
  }

  override isValidAppId(appId: string): Promise<boolean> {
    return Promise.resolve(appId === this.#appId)
  }

  override isAuthenticationDisabled(): Promise<boolean> {
    return Promise.resolve(false)
  }

  override createCredentials(): Promise<ServiceClientCredentials> {
    return Promise.resolve(noCredentials)
  }
}

class NoConnectorFactory extends ConnectorFactory {
  override create(serviceUrl: string): Promise<ConnectorClient> {
    return Promise.resolve(new ConnectorClient(noCredentials, { baseUri: serviceUrl }))
  }
}
