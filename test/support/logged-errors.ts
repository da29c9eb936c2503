/** Codes of the errors in what a program logged, one JSON object a line, in order. */
export function loggedErrors(logged: string): unknown[] {
  return logged
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter((line) => line.level === 'error')
    .map((line) => line.code)
}
