// The sandbox's script: live updates and small comforts over pages that work without any of this. It keeps no state of
// its own: the server draws every part.
import { sendWords } from './composer.js'
import { onFormAnswer, openedFrom, sendForm, showForm } from './forms.js'
import './live.js'
import { byId, complain, replaceParts, send } from './shared.js'

function took(answer) {
  complain(answer.problem)
  if (answer.form !== undefined) showForm(answer.form)
  if (answer.status) replaceParts(byId('sb-status'), answer.status)
  if (answer.location) location.assign(answer.location)
}

onFormAnswer(took)

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (form.matches('[data-composer], [data-act], [data-form]')) event.preventDefault()
  if (form.matches('[data-composer]')) {
    openedFrom(form.elements.text)
    const answer = await sendWords(form)
    if (answer) took(answer)
    return
  }
  if (form.matches('[data-form]')) return sendForm(form, event.submitter?.value ?? 'submit')
  if (!form.matches('[data-act]') || form.dataset.busy) return
  form.dataset.busy = 'yes'
  const data = new FormData(form, event.submitter)
  openedFrom(form.closest('details')?.querySelector('summary') ?? event.submitter)
  for (const menu of document.querySelectorAll('details[data-menu][open]')) menu.open = false
  took(await send(form.getAttribute('action'), data))
  delete form.dataset.busy
})

/* ---- menus close on Escape and on a click elsewhere ---- */
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && document.activeElement?.closest('details[data-menu][open]')
  if (!menu) return
  menu.open = false
  menu.querySelector('summary').focus()
})
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details[data-menu][open]'))
    if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener(
  'toggle',
  (event) => {
    const menu = event.target
    if (!(menu instanceof HTMLDetailsElement) || !menu.open || !menu.matches('.sb-actions')) return
    menu.querySelector('.sb-menu').scrollIntoView({ block: 'nearest' })
  },
  true,
)

/* ---- groups on a phone ---- */
const main = byId('main-content')
const toggle = byId('sb-groups-toggle')
toggle.hidden = false
toggle.addEventListener('click', () => {
  const open = main.classList.toggle('sb--groups-open')
  toggle.setAttribute('aria-expanded', String(open))
  if (open) byId('sb-groups').querySelector('a')?.focus()
})

/* ---- the story's speed ---- */
document.addEventListener('change', async (event) => {
  if (event.target.id !== 'sb-speed') return
  took(await send('/sandbox/story', { action: 'speed', speed: event.target.value }))
})
