/**
 * Nothing lost, nothing doubled: the inbox (commit, then acknowledge), lanes (in order within a group), the outbox
 * (posts in the transaction of what causes them), jobs (once a period), heartbeat and gaps. Owns those tables; asks
 * the ledger to account for what was set aside, given up or missed. Platforms are reached through the port alone.
 */
export { type BackfillOptions, type BackfillReport, backfillGaps } from './backfill.js'
export { type CrashPoint, crashPoint, crashPoints } from './crash-point.js'
export {
  channelOf,
  enqueuePost,
  enqueueUpdate,
  type FailedPost,
  listUndelivered,
  type NewPost,
} from './enqueue.js'
export { describeFailure, failureCode, isOutage } from './failure.js'
export { closeGap, type GapRow, gapReasonInWords, openGaps, recordGap } from './gaps.js'
export { createHeartbeat, type Heartbeat, type HeartbeatOptions } from './heartbeat.js'
export { newId } from './ids.js'
export { createInbox, type Inbox, type InboxCounts, type InboxOptions } from './inbox.js'
export { laneOf, type PayloadOrigin } from './inbox-rows.js'
export { type Claim, createJobs, type JobOutcome, type Jobs, type JobsOptions } from './jobs.js'
export { type Apply, forgetPayloads, type StoredEvent } from './lane-batch.js'
export { createLaneRunner, type LaneRunner, type LaneRunnerOptions } from './lanes.js'
export { createOutbox, type Outbox, type OutboxOptions } from './outbox.js'
export type { UndeliveredPost } from './outbox-deliver.js'
export { emptyCards, emptyPayloads } from './payload-retention.js'
export { listSetAside, replaySetAside, type SetAsideEvent } from './set-aside.js'
