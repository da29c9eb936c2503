/**
 * The fictional Department for Rivers and Coasts: its officials with their remits, its group chats, and how each
 * group would be registered. Data only; the sandbox platform and the demo's seed both read it.
 */

/** An official the visitor of the sandbox can be. */
export interface CastPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  /** Post held: shown under the name. */
  readonly title: string
  readonly team: string
  /** What they answer for, in words the recommender can match. */
  readonly remit: string
}

/** A group chat of the sandbox as it stands when the sandbox is first opened. */
export interface CastRoom {
  readonly id: string
  readonly name: string
  readonly visibility: 'public' | 'private'
  /** One line under the name. */
  readonly topic: string
  readonly owners: readonly string[]
  readonly members: readonly string[]
  readonly botPresent: boolean
}

/** Everything a sandbox is opened with. */
export interface Cast {
  readonly department: string
  readonly people: readonly CastPerson[]
  readonly rooms: readonly CastRoom[]
  /** Who a visitor is at first, and where. */
  readonly opening: { readonly person: string; readonly room: string }
}

const person = (id: string, name: string, title: string, team: string, remit: string): CastPerson => ({
  id,
  name,
  email: `${id.replace('-', '.')}@rivers-coasts.example`,
  title,
  team,
  remit,
})

const people: readonly CastPerson[] = [
  person(
    'amara-okonjo',
    'Rt Hon Amara Okonjo MP',
    'Secretary of State for Rivers and Coasts',
    'Ministers',
    'Policy of the department, statements to Parliament, decisions reserved to ministers',
  ),
  person(
    'tamsin-vale',
    'Tamsin Vale',
    'Principal Private Secretary to the Secretary of State',
    'Private office',
    'Minister’s box, diary, submissions and commissions from the Secretary of State',
  ),
  person(
    'gwilym-pryce',
    'Gwilym Pryce',
    'Permanent Secretary',
    'Executive',
    'Accounting officer, senior appointments, propriety, use of the department’s resources',
  ),
  person(
    'nadia-rahman',
    'Nadia Rahman',
    'Director, Flood Operations',
    'Flood Operations',
    'Flood response, evacuation, deployment of pumps and crews, barrier closures',
  ),
  person(
    'callum-fraser',
    'Callum Fraser',
    'Head of the Incident Room',
    'Flood Operations',
    'Incident room, duty rota, gauge readings, situation reports',
  ),
  person(
    'beatrix-holm',
    'Beatrix Holm',
    'Chief Engineer',
    'Engineering',
    'Barriers, embankments, pumping stations, structural safety, surveys',
  ),
  person(
    'joss-whitlock',
    'Joss Whitlock',
    'Depot and Logistics Manager',
    'Flood Operations',
    'Depots, lorries, fuel, pump hire, sandbags, crew transport',
  ),
  person(
    'priya-sandhu',
    'Priya Sandhu',
    'Deputy Director, Coastal Defence Policy',
    'Policy',
    'Coastal defence policy, barrier replacement, shoreline plans, options appraisal',
  ),
  person(
    'idris-penhale',
    'Idris Penhale',
    'Director of Finance',
    'Finance',
    'Spending, budgets, money, emergency grants, cost estimates, value for money, Treasury approvals',
  ),
  person(
    'yusuf-demir',
    'Yusuf Demir',
    'Head of Communications',
    'Communications',
    'Press, journalists, media enquiries, press releases, interviews, public statements, social media',
  ),
  person(
    'eleanor-marsh',
    'Eleanor Marsh',
    'Legal Director',
    'Legal',
    'Legal advice, legal powers, liability, compensation claims, landowners, judicial review, injunctions',
  ),
  person(
    'dermot-kiely',
    'Dermot Kiely',
    'Head of Procurement',
    'Commercial',
    'Contracts, suppliers, tenders, procurement rules, hire agreements, framework call-offs',
  ),
  person(
    'rosalind-achebe',
    'Rosalind Achebe',
    'Departmental Records Officer',
    'Knowledge and Information',
    'Official record, retention, disposal, information requests, disclosure',
  ),
]

const rooms: readonly CastRoom[] = [
  {
    id: 'flood-response',
    name: 'Flood response: Mere Valley',
    visibility: 'private',
    topic: 'Running the response to the Mere in flood',
    owners: ['nadia-rahman'],
    members: ['amara-okonjo', 'tamsin-vale', 'callum-fraser', 'beatrix-holm', 'joss-whitlock'],
    botPresent: true,
  },
  {
    id: 'barrier-options',
    name: 'Skelby Barrier options',
    visibility: 'private',
    topic: 'What to put before ministers on the barrier',
    owners: ['priya-sandhu'],
    members: ['beatrix-holm', 'nadia-rahman', 'gwilym-pryce'],
    botPresent: true,
  },
  {
    id: 'ministers-visit',
    name: 'Minister’s visit to Skelby',
    visibility: 'private',
    topic: 'Thursday’s visit: route, people, press',
    owners: ['tamsin-vale'],
    members: ['yusuf-demir', 'callum-fraser', 'amara-okonjo', 'priya-sandhu'],
    botPresent: true,
  },
  {
    id: 'depot-logistics',
    name: 'Pumps and depots',
    visibility: 'public',
    topic: 'Pumps, lorries, crews and tea',
    owners: ['joss-whitlock'],
    members: ['callum-fraser', 'beatrix-holm', 'nadia-rahman'],
    botPresent: true,
  },
  {
    id: 'private-office',
    name: 'Private office',
    visibility: 'private',
    topic: 'Office of the Secretary of State: the weekly digest arrives here',
    owners: ['tamsin-vale'],
    members: ['rosalind-achebe', 'gwilym-pryce'],
    botPresent: true,
  },
]

/** The department, its people and its groups. */
export const sandboxCast: Cast = {
  department: 'Department for Rivers and Coasts',
  people,
  rooms,
  opening: { person: 'tamsin-vale', room: 'flood-response' },
}

/** The staff directory of the fictional department, remits included. */
export const sandboxDirectory: readonly {
  readonly name: string
  readonly email: string
  readonly role: string
  readonly team: string
  readonly remit: string
  readonly personId: string
}[] = people.map(({ id, name, email, title, team, remit }) => ({
  name,
  email,
  role: title,
  team,
  remit,
  personId: id,
}))

/** How one group of the sandbox is registered. */
export interface SandboxRegistration {
  readonly conversation: string
  readonly purpose: string
  readonly businessNeed: string
  /** Account ids. */
  readonly administrators: readonly string[]
  readonly privateOffice: string
  /** Conversation in which the private office gets its digest. */
  readonly privateOfficeRoom: string
  /** Senior official to whom late matters escalate. */
  readonly seniorOfficial: string
  readonly recordsOfficer: string
  /** Days from registration to the first review. */
  readonly reviewInDays: number
}

const answersTo = {
  privateOffice: 'Office of the Secretary of State',
  privateOfficeRoom: 'private-office',
  seniorOfficial: 'gwilym-pryce',
  recordsOfficer: 'rosalind-achebe',
}

/** Registrations for the demo. The private office's own room stays unregistered: nothing said there is kept. */
export const sandboxRegistrations: readonly SandboxRegistration[] = [
  {
    ...answersTo,
    conversation: 'flood-response',
    purpose: 'Co-ordinate the response to flooding in the Mere Valley',
    businessNeed: 'Minutes matter while the river rises; email and meetings are too slow',
    administrators: ['nadia-rahman'],
    reviewInDays: 28,
  },
  {
    ...answersTo,
    conversation: 'barrier-options',
    purpose: 'Prepare options for the future of the Skelby Barrier',
    businessNeed: 'Engineering, operations and policy work from four sites on one submission',
    administrators: ['priya-sandhu'],
    reviewInDays: 90,
  },
  {
    ...answersTo,
    conversation: 'ministers-visit',
    purpose: 'Arrange the Secretary of State’s visit to Skelby',
    businessNeed: 'Route and people change by the hour on the day',
    administrators: ['tamsin-vale'],
    reviewInDays: 14,
  },
  {
    ...answersTo,
    conversation: 'depot-logistics',
    purpose: 'Move pumps, lorries and crews between depots',
    businessNeed: 'Drivers and depots are on the road and answer from phones',
    administrators: ['joss-whitlock'],
    reviewInDays: 60,
  },
]
