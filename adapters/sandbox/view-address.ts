/** Address of a room as this person. */
export function hrefOf(person: string, room: string, query = ''): string {
  return `/sandbox/as/${encodeURIComponent(person)}/${encodeURIComponent(room)}${query}`
}
