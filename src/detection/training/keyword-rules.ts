/** Words a simple rule would look for: the yardstick the model has to beat. */
const words =
  /\b(?:agreed|decided|decision|go ahead|sounds good|approved|let's go with|let's do|signed off|resolved|confirmed)\b|(?:^|\s)\+1(?:\s|$)/i

/** Positions of messages a keyword rule would call decisions, at most one in six. */
export function keywordRules(texts: readonly string[]): number[] {
  const found: number[] = []
  texts.forEach((text, i) => {
    if (words.test(text.slice(0, 2000)) && i - (found[found.length - 1] ?? -9) > 5) found.push(i)
  })
  return found
}
