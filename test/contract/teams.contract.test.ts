import { createTeamsHarness } from '../support/teams/harness.js'
import { describePlatformContract } from './platform-contract.js'

describePlatformContract('teams', () => createTeamsHarness())
