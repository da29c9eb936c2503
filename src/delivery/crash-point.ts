export { type CrashPoint, crashPoint, crashPoints } from '../ledger/crash-point.js'
