/** Where a progress bar is drawn: usually standard error. */
export interface ProgressStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface ProgressBar {
  update(done: number, total: number): void
  /** Ends the line, so that what is written next begins a new one. May be called twice. */
  end(): void
}

const cells = 30
const step = 10

/** One line redrawn on a terminal; elsewhere a line for every ten per cent. */
export function createProgressBar(stream: ProgressStream, label = 'Importing'): ProgressBar {
  return stream.isTTY === true ? drawnBar(stream, label) : loggedBar(stream, label)
}

function drawnBar(stream: ProgressStream, label: string): ProgressBar {
  let shown = ''
  return {
    update(done, total) {
      const percent = percentOf(done, total)
      const full = Math.round((percent / 100) * cells)
      const line = `${label} [${'#'.repeat(full)}${'.'.repeat(cells - full)}] ${String(percent).padStart(3)} %`
      if (line === shown) return
      shown = line
      stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}`)
    },
    end() {
      if (shown !== '') stream.write('\n')
      shown = ''
    },
  }
}

function loggedBar(stream: ProgressStream, label: string): ProgressBar {
  let next = 0
  return {
    update(done, total) {
      const percent = percentOf(done, total)
      if (percent < next) return
      const told = Math.floor(percent / step) * step
      stream.write(`${label}: ${told} %\n`)
      next = told + step
    },
    end() {},
  }
}

function percentOf(done: number, total: number): number {
  if (total <= 0) return 100
  return Math.max(0, Math.min(100, Math.floor((done / total) * 100)))
}
