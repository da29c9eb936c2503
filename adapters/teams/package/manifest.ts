import { commandNames } from '../../../src/platform/index.js'

/** What the manifest says of this installation. */
export interface ManifestOptions {
  readonly appId: string
  /** Host name of the program's pages, for links about the app. */
  readonly host: string
  readonly manifestVersion: string
  /** The department's name, shown as publisher. */
  readonly developer: string
  /** Version of this package; an update must have a higher one. */
  readonly appVersion?: string
}

/** The current schema, and the oldest that has all we use (for clouds that lag behind). */
export const manifestVersions = ['1.29', '1.25'] as const

/**
 * Resource-specific consent, given by those who install the app in a team or chat. Messages without a mention, and
 * rosters, need the first four; private and shared channels need the last (Microsoft, "Apps for shared and private
 * channels").
 */
export const resourcePermissions = [
  'ChannelMessage.Read.Group',
  'ChatMessage.Read.Chat',
  'TeamMember.Read.Group',
  'ChatMember.Read.Chat',
  'ChannelMember.Read.Group',
] as const

/** Languages of the package beside English. */
export const languages = ['fr'] as const
type Language = 'en' | (typeof languages)[number]

interface Texts {
  readonly short: string
  readonly full: string
  readonly commands: Readonly<Record<(typeof commandNames)[number], string>>
  readonly action: { readonly title: string; readonly description: string }
}

const texts: Readonly<Record<Language, Texts>> = {
  en: {
    short: 'Keeps the record of official group chats: decisions, members, reviews.',
    full: 'Remembrancer is the active administrator of official group chats. It reads messages in the teams and chats where it is installed in order to notice decisions that nobody has recorded, and asks those concerned to record them. It keeps a log of who joined and left, reminds administrators to review membership, and reports each week to the private office. It says on arrival what it keeps, why, and for how long. In groups that are not registered it keeps no text.',
    commands: {
      'record-decision': 'Record a decision made here or elsewhere',
      'membership-log': 'Who joined and left this group',
      'register-group': 'Register this group: purpose, administrators, private office',
      'send-digest': 'Send the weekly digest now',
      help: 'What Remembrancer does and keeps',
    },
    action: { title: 'Record decision', description: 'Record the decision made in this message' },
  },
  fr: {
    short: 'Tient le registre des groupes officiels : décisions, membres, revues.',
    full: 'Remembrancer est l’administrateur actif des groupes de discussion officiels. Il lit les messages des équipes et conversations où il est installé afin de repérer les décisions que personne n’a consignées, et invite les personnes concernées à le faire. Il tient le journal des arrivées et des départs, rappelle aux administrateurs de revoir la liste des membres et rend compte chaque semaine au cabinet. À son arrivée, il indique ce qu’il conserve, pourquoi et pour combien de temps. Dans un groupe non enregistré, il ne conserve aucun texte.',
    commands: {
      'record-decision': 'Consigner une décision prise ici ou ailleurs',
      'membership-log': 'Qui a rejoint ou quitté ce groupe',
      'register-group': 'Enregistrer ce groupe : objet, administrateurs, cabinet',
      'send-digest': 'Envoyer maintenant le bilan de la semaine',
      help: 'Ce que Remembrancer fait et conserve',
    },
    action: {
      title: 'Consigner une décision',
      description: 'Consigner la décision prise dans ce message',
    },
  },
}

const groupCommands = commandNames
const personalCommands = ['help', 'record-decision'] as const

/** The manifest of the app package. */
export function buildManifest(options: ManifestOptions): Record<string, unknown> {
  const { appId, host, manifestVersion } = options
  const commands = (names: readonly (typeof commandNames)[number][]) =>
    names.map((name) => ({ title: name, description: texts.en.commands[name] }))
  return {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`,
    manifestVersion,
    version: options.appVersion ?? '1.0.0',
    id: appId,
    developer: {
      name: options.developer.slice(0, 32),
      websiteUrl: `https://${host}/`,
      privacyUrl: `https://${host}/about`,
      termsOfUseUrl: `https://${host}/about`,
    },
    name: { short: 'Remembrancer', full: 'Remembrancer: the record of official group chats' },
    description: { short: texts.en.short, full: texts.en.full },
    localizationInfo: {
      defaultLanguageTag: 'en',
      additionalLanguages: languages.map((tag) => ({ languageTag: tag, file: `${tag}.json` })),
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#1D3F72',
    bots: [
      {
        botId: appId,
        scopes: ['team', 'groupChat', 'personal'],
        isNotificationOnly: false,
        supportsFiles: false,
        supportsCalling: false,
        supportsVideo: false,
        commandLists: [
          { scopes: ['team', 'groupChat'], commands: commands(groupCommands) },
          { scopes: ['personal'], commands: commands(personalCommands) },
        ],
      },
    ],
    composeExtensions: [
      {
        botId: appId,
        commands: [
          {
            id: 'recordDecision',
            type: 'action',
            title: texts.en.action.title,
            description: texts.en.action.description,
            context: ['message'],
            fetchTask: true,
          },
        ],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: [host],
    webApplicationInfo: { id: appId, resource: `api://${appId}` },
    authorization: {
      permissions: {
        resourceSpecific: resourcePermissions.map((name) => ({ name, type: 'Application' })),
      },
    },
    supportsChannelFeatures: 'tier1',
    defaultInstallScope: 'team',
    defaultGroupCapability: { team: 'bot', groupchat: 'bot' },
  }
}

/** Strings of one more language, keyed as the localisation schema asks. Command names stay: people type them. */
export function buildLocalisation(
  language: (typeof languages)[number],
  manifestVersion: string,
): Record<string, string> {
  const own = texts[language]
  const strings: Record<string, string> = {
    $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.Localization.schema.json`,
    'name.short': 'Remembrancer',
    'name.full': 'Remembrancer',
    'description.short': own.short,
    'description.full': own.full,
    'composeExtensions[0].commands[0].title': own.action.title,
    'composeExtensions[0].commands[0].description': own.action.description,
  }
  const lists = [groupCommands, personalCommands]
  for (const [list, names] of lists.entries())
    for (const [index, name] of names.entries())
      strings[`bots[0].commandLists[${list}].commands[${index}].description`] = own.commands[name]
  return strings
}
