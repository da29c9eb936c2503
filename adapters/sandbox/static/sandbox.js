// Live updates and small comforts over pages that work without any of this. No state of its own: the server draws
// every part, this puts it in place.

const main = document.getElementById('main-content')
const byId = (id) => document.getElementById(id)
const scroller = { timeline: byId('sb-scroll'), thread: byId('sb-thread-scroll') }
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches

/* ---- speaking to screen readers: what is new in a burst is counted, not read out one by one ---- */
const announcer = byId('sb-announcer')
let waiting = []
let announceTimer
function announce(words) {
  if (!words) return
  waiting.push(words)
  clearTimeout(announceTimer)
  announceTimer = setTimeout(() => {
    announcer.textContent = waiting.length > 3 ? `${waiting.length} new messages` : waiting.join('. ')
    waiting = []
  }, 700)
}

let toastTimer
function complain(problem) {
  byId('sb-toast').textContent = problem
  clearTimeout(toastTimer)
  toastTimer = setTimeout(() => {
    byId('sb-toast').textContent = ''
  }, 8000)
}

/* ---- sending ---- */
async function send(url, body) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(body),
    })
    return await response.json()
  } catch {
    return { ok: false, problem: 'The sandbox cannot be reached. Nothing you typed is lost: try again.' }
  }
}

function took(answer) {
  if (!answer.ok) complain(answer.problem)
  if (answer.form !== undefined) showForm(answer.form)
  if (answer.status) replaceInside(byId('sb-status'), answer.status)
  if (answer.location) location.assign(answer.location)
}

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (form.matches('[data-composer], [data-act], [data-form]')) event.preventDefault()
  if (form.matches('[data-composer]')) return sendWords(form)
  if (form.matches('[data-form]')) return sendForm(form, event.submitter?.value ?? 'submit')
  if (!form.matches('[data-act]') || form.dataset.busy) return
  form.dataset.busy = 'yes'
  const data = new FormData(form, event.submitter)
  for (const menu of document.querySelectorAll('details[data-menu][open]')) menu.open = false
  took(await send(form.action, data))
  delete form.dataset.busy
})

/* ---- composer ---- */
const grow = (area) => {
  area.style.height = 'auto'
  area.style.height = `${area.scrollHeight + 4}px`
}

async function sendWords(form) {
  const area = form.elements.text
  const error = form.querySelector('.sb-composer__error')
  const words = area.value
  if (form.dataset.busy || words.trim() === '') return area.focus()
  form.dataset.busy = 'yes'
  const answer = await send(form.action, new FormData(form))
  delete form.dataset.busy
  error.hidden = answer.ok
  error.textContent = answer.ok ? '' : answer.problem
  if (!answer.ok) return area.focus()
  if (area.value === words) area.value = ''
  grow(area)
  hintsOf(area).hidden = true
  took(answer)
  if (!byId('sb-dialog').open) area.focus()
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
const toggle = byId('sb-groups-toggle')
toggle.hidden = false
toggle.addEventListener('click', () => {
  const open = main.classList.toggle('sb--groups-open')
  toggle.setAttribute('aria-expanded', String(open))
  if (open) byId('sb-groups').querySelector('a')?.focus()
})

/* ---- forms ---- */
const dialog = byId('sb-dialog')
let opener

function showForm(html) {
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
    opener = document.activeElement
    dialog.close()
    dialog.showModal()
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

async function sendForm(form, action) {
  if (form.dataset.busy) return
  form.dataset.busy = 'yes'
  const data = new FormData(form)
  data.set('action', action)
  const answer = await send(form.action, data)
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

/* ---- the story's speed ---- */
document.addEventListener('change', async (event) => {
  if (event.target.id !== 'sb-speed') return
  took(await send('/sandbox/story', { action: 'speed', speed: event.target.value }))
})

/* ---- live updates ---- */
const nearEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 120
function toEnd(box, smooth) {
  box.scrollTo({ top: box.scrollHeight, behavior: smooth && !calm ? 'smooth' : 'instant' })
}

/** Replaces what is inside a part, keeping the focus where it was and open menus open. */
function replaceInside(part, html) {
  if (!part) return
  const active = part.contains(document.activeElement) ? document.activeElement : undefined
  if (active?.matches('select, input') || part.querySelector('details[data-menu][open]')) {
    part.dataset.later = html
    return
  }
  const focusable = (root) => [...root.querySelectorAll('a, button, summary')]
  const at = active ? focusable(part).indexOf(active) : -1
  const id = active?.id
  part.innerHTML = html
  if (active) ((id && byId(id)) || focusable(part)[at])?.focus()
}
for (const kind of ['focusout', 'toggle'])
  document.addEventListener(
    kind,
    (event) => {
      const part = event.target.closest?.('[data-later]')
      if (!part) return
      setTimeout(() => {
        const html = part.dataset.later
        delete part.dataset.later
        if (html !== undefined) replaceInside(part, html)
      }, 0)
    },
    true,
  )

function putItem({ id, list, html, isNew, mine, announce: words }) {
  const place = byId(`sb-${list}`)
  if (!place) return
  const holder = document.createElement('template')
  holder.innerHTML = html.trim()
  const fresh = holder.content.firstElementChild
  const old = byId(id)
  const box = scroller[list]
  const follow = mine || nearEnd(box)
  if (old) {
    const active = old.contains(document.activeElement)
    old.replaceWith(fresh)
    if (active) fresh.querySelector('summary, a, button')?.focus()
  } else if (isNew && !(list === 'timeline' && main.dataset.past)) {
    fresh.classList.add('sb-item--fresh')
    place.append(fresh)
  } else return
  if (follow) toEnd(box, false)
  else if (isNew && list === 'timeline') byId('sb-jump').hidden = false
  announce(words)
}

function putGroups(html) {
  const list = byId('sb-groups').querySelector('.sb-group-list')
  const at = [...list.querySelectorAll('a')].indexOf(document.activeElement)
  list.outerHTML = html
  const now = byId('sb-groups').querySelector('.sb-group-list')
  if (at >= 0) now.querySelectorAll('a')[at]?.focus()
  const unread = Number(now.dataset.unread)
  byId('sb-groups-count').innerHTML =
    unread > 0
      ? ` <span class="sb-unread">${unread}<span class="govuk-visually-hidden"> unread</span></span>`
      : ''
}

const box = scroller.timeline
if (box) {
  const target = location.hash && byId(location.hash.slice(1))
  const newLine = box.querySelector('.sb-new-line')
  if (target?.matches('.sb-item')) target.scrollIntoView({ block: 'center' })
  else if (newLine) newLine.scrollIntoView({ block: 'start' })
  else if (!main.dataset.past) toEnd(box, false)
  box.addEventListener('scroll', () => {
    if (nearEnd(box)) byId('sb-jump').hidden = true
  })
  byId('sb-jump').addEventListener('click', () => {
    toEnd(box, true)
    byId('sb-jump').hidden = true
    box.focus()
  })
  if (scroller.thread) toEnd(scroller.thread, false)

  const thread = main.dataset.thread
  const source = new EventSource(
    `${main.dataset.base}/events${thread ? `?thread=${encodeURIComponent(thread)}` : ''}`,
  )
  const on = (name, take) => source.addEventListener(name, (event) => take(JSON.parse(event.data)))
  on('item', putItem)
  on('groups', ({ html }) => putGroups(html))
  on('members', ({ html }) => {
    replaceInside(byId('sb-members'), html)
  })
  on('count', ({ members }) => {
    const count = byId('sb-member-count')
    if (count) count.textContent = members
  })
  on('status', ({ html }) => replaceInside(byId('sb-status'), html))
  on('form', ({ html }) => showForm(html))
  let broken = false
  source.addEventListener('error', () => {
    broken = true
  })
  source.addEventListener('open', async () => {
    if (!broken) return
    broken = false
    // Something may have been said while the line was down: take the page's messages afresh.
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
    for (const list of ['sb-timeline', 'sb-thread']) {
      const fresh = page.getElementById(list)
      if (fresh && byId(list)) byId(list).replaceChildren(...fresh.children)
    }
  })
}
