import type { GroupRow } from './groups.js'

/** A private office in the middle of a sentence: "the Office of the Secretary of State", "HM Treasury press desk". */
export function officeInWords(name: string | undefined): string {
  if (name === undefined) return 'the private office'
  return /^(private )?office\b/i.test(name) ? `the ${name}` : name
}

/** Who can see the records of a group, said the same way wherever people read it. */
export function whoSeesTheRecord(registration: GroupRow['registration']): string {
  return `Members of this group, its administrators, ${officeInWords(registration?.privateOffice.name)} and records officers`
}
