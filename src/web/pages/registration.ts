import type { FastifyInstance } from 'fastify'
import { type GroupRow, registrationForm, registrationValues } from '../../groups/index.js'
import type { Field, FormValues } from '../../platform/index.js'
import type { WebContext } from '../context.js'
import { formValues, formView } from '../form-view.js'
import { groupFrame } from './groups.js'
import { type Actor, actorsOf, bodyOf, groupOf, oneOf } from './shared.js'

/** The registration of a group: the same form as in chat, with who fills it in. */
export function registerRegistration(app: FastifyInstance, context: WebContext): void {
  const { prisma } = context.database

  app.get('/groups/:id/register', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    return reply.view('pages/register.njk', await view(group))
  })

  app.post('/groups/:id/register', async (request, reply) => {
    const group = await groupOf(prisma, request.params)
    const body = bodyOf(request.body)
    // Which office is chosen decides which fields there are.
    const office = { privateOffice: oneOf(body, 'privateOffice') }
    const form = await registrationForm(prisma, group, context.policy, context.now(), office)
    const values = formValues(form, body)
    const by = oneOf(body, 'registeredBy')
    const unseen = form.fields.some((field) => field.type === 'text' && body[field.name] === undefined)
    if (unseen)
      return reply.view('pages/register.njk', { ...(await view(group, values, by)), asksOffice: true })
    const errors: Record<string, string> = {}
    if (!(await actorsOf(prisma, group)).some((actor) => actor.id === by))
      errors.registeredBy = 'Choose who registers this group'
    if (errors.registeredBy) {
      // Checked here as well, so that all errors show at once.
      for (const issue of registrationValues.safeParse(values).error?.issues ?? [])
        errors[String(issue.path[0])] ??= issue.message
    } else Object.assign(errors, (await context.submitRegistration(group.id, values, by)).errors)
    if (Object.keys(errors).length > 0)
      return reply.code(422).view('pages/register.njk', await view(group, values, by, errors))
    return reply.redirect(`/groups/${group.id}?registered=now`, 303)
  })

  async function view(
    group: GroupRow,
    typed?: FormValues,
    by = '',
    errors: Readonly<Record<string, string>> = {},
  ) {
    const form = await registrationForm(prisma, group, context.policy, context.now(), typed)
    const actors = await actorsOf(prisma, group)
    const registered = group.registration !== null
    const whole = {
      ...form,
      title: registered ? 'Change the registration' : form.title,
      intro: registered ? ['The change is noted in the ledger.'] : (form.intro ?? []),
      submitLabel: registered ? 'Save the registration' : form.submitLabel,
      fields: [
        ...form.fields.map((field) => withChosen(field, actors)),
        {
          type: 'select' as const,
          name: 'registeredBy',
          label: registered ? 'Changed by' : 'Registered by',
          hint: 'There is no sign-in yet: choose your own name',
          required: true,
          choices: actors.map((actor) => ({ value: actor.id, label: actor.name })),
          value: by,
        },
      ],
    }
    return {
      ...(await groupFrame(context, group, 'none')),
      title: `${whole.title} – ${group.name}`,
      hasErrors: Object.keys(errors).length > 0,
      form: formView(whole, errors),
      noMembers: actors.length === 0,
    }
  }
}

/** Who is chosen already can be kept, even when no longer a member. */
function withChosen(field: Field, actors: readonly Actor[]): Field {
  if (field.type !== 'people') return field
  const missing = actors.filter(
    ({ id }) => field.values.includes(id) && !field.choices.some((choice) => choice.value === id),
  )
  const more = missing.map((actor) => ({
    value: actor.id,
    label: actor.name,
    hint: 'not in the group now',
  }))
  return { ...field, choices: [...field.choices, ...more] }
}
