/** Takes the data folder named on the command line and keeps it until it is killed. */
import { isRemembrancerError } from '../../src/errors.js'
import { lockFolder } from '../../src/storage/index.js'

try {
  await lockFolder(process.argv[2] ?? '')
  console.log('held')
  setInterval(() => undefined, 60_000)
} catch (error) {
  console.log(isRemembrancerError(error) ? error.line() : String(error))
}
