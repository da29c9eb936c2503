// Forms as dialogs: drawn by the server, shown, sent and closed here.
import { byId, send } from './shared.js'

const dialog = byId('sb-dialog')
let opener

/** Remembers what to go back to when the form that this opens is closed. */
export function openedFrom(element) {
  opener = element
}

/** Shows the form in this HTML, or closes the open one when there is none. */
export function showForm(html) {
  const open = dialog.querySelector('[data-form]')?.dataset.open
  if (html.trim() === '') {
    if (!dialog.open) return
    dialog.close()
    dialog.replaceChildren()
    const back = opener?.isConnected ? opener : document.querySelector('[data-composer] textarea')
    back?.focus()
    return
  }
  if (open && html.includes(`data-open="${open}"`) && dialog.matches(':modal')) return
  const focused = dialog.contains(document.activeElement) ? document.activeElement.id : ''
  const top = dialog.querySelector('.sb-form__body')?.scrollTop ?? 0
  dialog.innerHTML = html
  if (!dialog.matches(':modal')) {
    dialog.close()
    dialog.showModal()
  }
  for (const list of dialog.querySelectorAll('.sb-many')) {
    const ticked = list.querySelector('input:checked')
    if (ticked) list.scrollTop = ticked.parentElement.offsetTop - list.offsetTop - 6
  }
  const summary = dialog.querySelector('.govuk-error-summary')
  const again = focused && byId(focused)
  if (summary) {
    summary.setAttribute('tabindex', '-1')
    summary.focus()
    document.title = document.title.replace(/^(Error: )?/, 'Error: ')
  } else if (again) {
    dialog.querySelector('.sb-form__body').scrollTop = top
    again.focus()
  } else dialog.querySelector('#sb-dialog-title').focus()
  if (!summary) document.title = document.title.replace(/^Error: /, '')
}

let took
/** Says who is told what came back. */
export function onFormAnswer(listener) {
  took = listener
}

/** Sends the open form: to be submitted, cancelled, or drawn anew after a change. */
export async function sendForm(form, action) {
  if (form.dataset.busy) return
  form.dataset.busy = 'yes'
  const data = new FormData(form)
  data.set('action', action)
  const answer = await send(form.getAttribute('action'), data)
  delete form.dataset.busy
  took(answer)
}

dialog.addEventListener('cancel', (event) => {
  event.preventDefault()
  const form = dialog.querySelector('[data-form]')
  if (form) sendForm(form, 'cancel')
})
dialog.addEventListener('change', (event) => {
  const field = event.target.closest('[data-refreshes]')
  if (field) sendForm(event.target.form, `change:${field.dataset.refreshes}`)
})
dialog.addEventListener('click', (event) => {
  const link = event.target.closest('.govuk-error-summary a')
  if (!link) return
  event.preventDefault()
  byId(link.hash.slice(1))?.focus()
})
if (dialog.open) {
  dialog.close()
  dialog.showModal()
  dialog.querySelector('#sb-dialog-title')?.focus()
}
