// The composer: grows with the text, Enter sends, a slash lists commands.
import { announce, byId, send } from './shared.js'

const grow = (area) => {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight + 4}px`
}

/** Sends what was typed; resolves with the answer when it was taken. What was refused stays in the field. */
export async function sendWords(form) {
  const area = form.elements.text
  const error = form.querySelector('.sb-composer__error')
  const words = area.value
  if (form.dataset.busy || words.trim() === '') {
    area.focus()
    return undefined
  }
  form.dataset.busy = 'yes'
  const answer = await send(form.getAttribute('action'), new FormData(form))
  delete form.dataset.busy
  error.hidden = answer.ok
  error.textContent = answer.ok ? '' : answer.problem
  if (!answer.ok) {
    area.focus()
    return undefined
  }
  if (area.value === words) area.value = ''
  grow(area)
  hintsOf(area).hidden = true
  area.focus()
  return answer
}

const hintsOf = (area) => byId(`${area.id}-hints`)

function showHints(area) {
  const hints = hintsOf(area)
  const typed = area.value
  const wanted = typed.startsWith('/') && !typed.includes('\n')
  let count = 0
  for (const button of hints.querySelectorAll('button')) {
    const fits = wanted && button.dataset.command.startsWith(typed.trimEnd())
    button.parentElement.hidden = !fits
    if (fits) count += 1
  }
  const before = hints.hidden
  hints.hidden = count === 0
  if (before && count > 0) announce(`${count} commands: arrow up to choose`)
}

for (const area of document.querySelectorAll('[data-composer] textarea')) {
  grow(area)
  area.addEventListener('input', () => {
    grow(area)
    showHints(area)
  })
  area.addEventListener('keydown', (event) => {
    const hints = hintsOf(area)
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault()
      area.form.requestSubmit()
    } else if (event.key === 'Escape') hints.hidden = true
    else if (event.key === 'ArrowUp' && !hints.hidden) {
      event.preventDefault()
      ;[...hints.querySelectorAll('li:not([hidden]) button')].at(-1)?.focus()
    }
  })
  hintsOf(area).addEventListener('click', (event) => {
    const button = event.target.closest('button')
    if (!button) return
    area.value = `${button.dataset.command} `
    hintsOf(area).hidden = true
    area.focus()
  })
  hintsOf(area).addEventListener('keydown', (event) => {
    const all = [...hintsOf(area).querySelectorAll('li:not([hidden]) button')]
    const at = all.indexOf(document.activeElement)
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (move) {
      event.preventDefault()
      ;(all[at + move] ?? area).focus()
    } else if (event.key === 'Escape') {
      hintsOf(area).hidden = true
      area.focus()
    }
  })
}

for (const form of document.querySelectorAll('[data-composer]'))
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) form.querySelector('.sb-hints').hidden = true
  })
