/**
 * Measures the parts side by side in one run and prints ratios, which hold from machine to machine where numbers do not.
 *   npm run bench [detection|delivery|slack]
 */
import { benchDelivery } from './bench-delivery.js'
import { benchDetection } from './bench-detection.js'
import { benchSlackIngest } from './bench-slack.js'

const parts = { detection: benchDetection, delivery: benchDelivery, slack: benchSlackIngest } as const
const wanted = process.argv[2]

for (const [name, bench] of Object.entries(parts)) {
  if (wanted !== undefined && wanted !== name) continue
  console.log(`\n${name}`)
  console.table(await bench())
}
process.exit(0)
