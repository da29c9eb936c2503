-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "kind" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "clock_offset_ms" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "heartbeat" (
    "process_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "heartbeat_pkey" PRIMARY KEY ("process_id")
);

-- CreateTable
CREATE TABLE "inbox_event" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "order_key" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "raw" TEXT,
    "event" JSONB,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3),
    "error" TEXT,
    "applied_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_post" (
    "id" UUID NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "channel" TEXT NOT NULL,
    "card" JSONB NOT NULL,
    "purpose" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "replaces" UUID,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "tried_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "receipt" JSONB,
    "error" TEXT,

    CONSTRAINT "outbox_post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_run" (
    "job" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "claimed_by" UUID NOT NULL,
    "claimed_at" TIMESTAMPTZ(3) NOT NULL,
    "lease_until" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "finished_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "job_run_pkey" PRIMARY KEY ("job","period")
);

-- CreateTable
CREATE TABLE "gap" (
    "id" UUID NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "conversation" TEXT,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,
    "noticed_at" TIMESTAMPTZ(3) NOT NULL,
    "remainder" TEXT,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "gap_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "answered_interaction" (
    "key" TEXT NOT NULL,
    "reply" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "answered_interaction_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "form_draft" (
    "id" UUID NOT NULL,
    "form" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "data" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "form_draft_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person" (
    "id" UUID NOT NULL,
    "full_name" TEXT NOT NULL,
    "email" TEXT,
    "title" TEXT,
    "external" BOOLEAN NOT NULL DEFAULT false,
    "bot" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "details_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chat_group" (
    "id" UUID NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_at" TIMESTAMPTZ(3),
    "team" TEXT,
    "visibility" TEXT NOT NULL DEFAULT 'private',
    "shared" BOOLEAN NOT NULL DEFAULT false,
    "bot_present" BOOLEAN NOT NULL DEFAULT true,
    "bot_at" TIMESTAMPTZ(3),
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "archived_at" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "chat_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "private_office" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "official" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "room" TEXT NOT NULL,
    "escalation_account" TEXT,
    "time_zone" TEXT NOT NULL DEFAULT 'Europe/London',
    "digest_day" INTEGER NOT NULL DEFAULT 1,
    "digest_time" TEXT NOT NULL DEFAULT '09:00',
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "private_office_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "registration" (
    "group_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "business_need" TEXT NOT NULL,
    "private_office_id" UUID NOT NULL,
    "records_officer_id" UUID,
    "review_date" DATE NOT NULL,
    "dry_run" BOOLEAN NOT NULL DEFAULT false,
    "registered_by_id" UUID NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "registration_pkey" PRIMARY KEY ("group_id")
);

-- CreateTable
CREATE TABLE "group_administrator" (
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,

    CONSTRAINT "group_administrator_pkey" PRIMARY KEY ("group_id","person_id")
);

-- CreateTable
CREATE TABLE "membership_fact" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "role" TEXT,
    "actor_id" UUID,
    "reason" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "learned_at" TIMESTAMPTZ(3) NOT NULL,
    "source" TEXT NOT NULL,
    "not_before" TIMESTAMPTZ(3),
    "sequence" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "membership_fact_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "role" TEXT NOT NULL DEFAULT 'member',

    CONSTRAINT "membership_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roster_check" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "person_ids" UUID[],

    CONSTRAINT "roster_check_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "thread_id" TEXT,
    "reply_to" TEXT,
    "author_id" UUID,
    "posted_at" TIMESTAMPTZ(3),
    "order_key" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "text_at" TEXT NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "restored_at" TIMESTAMPTZ(3),
    "automatic" BOOLEAN NOT NULL DEFAULT false,
    "mentions" TEXT[],
    "files" JSONB,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message_revision" (
    "group_id" UUID NOT NULL,
    "external_id" TEXT NOT NULL,
    "revision" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_revision_pkey" PRIMARY KEY ("group_id","external_id","revision")
);

-- CreateTable
CREATE TABLE "signal" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "from_message" TEXT NOT NULL,
    "to_message" TEXT NOT NULL,
    "at_message" TEXT NOT NULL,
    "evidence" TEXT[],
    "decision_type" TEXT,
    "decided_by_id" UUID,
    "asked_by_id" UUID,
    "confidence" DOUBLE PRECISION NOT NULL,
    "would_nudge" BOOLEAN NOT NULL,
    "because" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "settled_at" TIMESTAMPTZ(3) NOT NULL,
    "detected_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "state_reason" TEXT,
    "state_by_id" UUID,
    "state_at" TIMESTAMPTZ(3),
    "record_id" UUID,
    "backlog" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "signal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "nudge" (
    "id" UUID NOT NULL,
    "signal_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "outbox_id" UUID,
    "outcome" TEXT NOT NULL,
    "why" TEXT,
    "day" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "answer" TEXT,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "nudge_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mute" (
    "group_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mute_pkey" PRIMARY KEY ("group_id","person_id")
);

-- CreateTable
CREATE TABLE "feedback" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "signal_id" UUID,
    "verdict" TEXT NOT NULL,
    "signal_kind" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "feedback_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "directory_entry" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "team" TEXT NOT NULL,
    "remit" TEXT NOT NULL,
    "person_id" UUID,
    "active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "directory_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "suggestion" (
    "id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "message" TEXT NOT NULL,
    "words" TEXT[],
    "score" DOUBLE PRECISION NOT NULL,
    "because" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "state_by_id" UUID,
    "state_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,

    CONSTRAINT "suggestion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reference_counter" (
    "year" INTEGER NOT NULL,
    "next" INTEGER NOT NULL,

    CONSTRAINT "reference_counter_pkey" PRIMARY KEY ("year")
);

-- CreateTable
CREATE TABLE "decision_record" (
    "id" UUID NOT NULL,
    "reference" TEXT NOT NULL,
    "group_id" UUID,
    "signal_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "superseded_by_id" UUID,

    CONSTRAINT "decision_record_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "decision_version" (
    "record_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "decision" TEXT NOT NULL,
    "decided_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "decision_type" TEXT NOT NULL,
    "reasons" TEXT NOT NULL,
    "options" TEXT NOT NULL,
    "consulted" TEXT NOT NULL,
    "actions" TEXT NOT NULL,
    "taken_elsewhere" TEXT,
    "recorded_by_id" UUID NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,
    "amendment_reason" TEXT,

    CONSTRAINT "decision_version_pkey" PRIMARY KEY ("record_id","version")
);

-- CreateTable
CREATE TABLE "evidence" (
    "record_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "message_external_id" TEXT NOT NULL,
    "author_name" TEXT NOT NULL,
    "posted_at" TIMESTAMPTZ(3) NOT NULL,
    "text" TEXT NOT NULL,
    "edited" BOOLEAN NOT NULL,
    "permalink" TEXT,
    "members" JSONB NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "evidence_pkey" PRIMARY KEY ("record_id","position")
);

-- CreateTable
CREATE TABLE "digest" (
    "id" UUID NOT NULL,
    "private_office_id" UUID NOT NULL,
    "period" TEXT,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "to" TIMESTAMPTZ(3) NOT NULL,
    "content" JSONB NOT NULL,
    "outbox_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "requested_by_id" UUID,

    CONSTRAINT "digest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_intake" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "body" TEXT NOT NULL,

    CONSTRAINT "ledger_intake_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "seq" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "chained_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "ledger_checkpoint" (
    "seq" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "signature" TEXT NOT NULL,

    CONSTRAINT "ledger_checkpoint_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "ledger_salt" (
    "subject" TEXT NOT NULL,
    "salt" TEXT NOT NULL,

    CONSTRAINT "ledger_salt_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "policy_version" (
    "hash" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_version_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "import_run" (
    "id" UUID NOT NULL,
    "platform" TEXT NOT NULL,
    "file_hash" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "report" JSONB,

    CONSTRAINT "import_run_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "heartbeat_beat_at_idx" ON "heartbeat"("beat_at");

-- CreateIndex
CREATE UNIQUE INDEX "inbox_event_key_key" ON "inbox_event"("key");

-- CreateIndex
CREATE INDEX "inbox_event_status_lane_order_key_id_idx" ON "inbox_event"("status", "lane", "order_key", "id");

-- CreateIndex
CREATE INDEX "inbox_event_received_at_idx" ON "inbox_event"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_post_key_key" ON "outbox_post"("key");

-- CreateIndex
CREATE INDEX "outbox_post_status_not_before_idx" ON "outbox_post"("status", "not_before");

-- CreateIndex
CREATE INDEX "outbox_post_channel_status_idx" ON "outbox_post"("channel", "status");

-- CreateIndex
CREATE INDEX "job_run_status_lease_until_idx" ON "job_run"("status", "lease_until");

-- CreateIndex
CREATE INDEX "gap_closed_at_idx" ON "gap"("closed_at");

-- CreateIndex
CREATE UNIQUE INDEX "gap_platform_tenant_conversation_from_reason_key" ON "gap"("platform", "tenant", "conversation", "from", "reason");

-- CreateIndex
CREATE INDEX "answered_interaction_at_idx" ON "answered_interaction"("at");

-- CreateIndex
CREATE INDEX "form_draft_at_idx" ON "form_draft"("at");

-- CreateIndex
CREATE INDEX "account_person_id_idx" ON "account"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_platform_tenant_external_id_key" ON "account"("platform", "tenant", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "chat_group_platform_tenant_external_id_key" ON "chat_group"("platform", "tenant", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "private_office_name_key" ON "private_office"("name");

-- CreateIndex
CREATE INDEX "registration_private_office_id_idx" ON "registration"("private_office_id");

-- CreateIndex
CREATE INDEX "group_administrator_person_id_idx" ON "group_administrator"("person_id");

-- CreateIndex
CREATE INDEX "membership_fact_group_id_occurred_at_idx" ON "membership_fact"("group_id", "occurred_at");

-- CreateIndex
CREATE INDEX "membership_fact_person_id_idx" ON "membership_fact"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_fact_group_id_person_id_kind_occurred_at_key" ON "membership_fact"("group_id", "person_id", "kind", "occurred_at");

-- CreateIndex
CREATE INDEX "membership_group_id_until_idx" ON "membership"("group_id", "until");

-- CreateIndex
CREATE INDEX "membership_person_id_until_idx" ON "membership"("person_id", "until");

-- CreateIndex
CREATE UNIQUE INDEX "roster_check_group_id_at_key" ON "roster_check"("group_id", "at");

-- CreateIndex
CREATE INDEX "message_group_id_order_key_idx" ON "message"("group_id", "order_key");

-- CreateIndex
CREATE INDEX "message_group_id_posted_at_idx" ON "message"("group_id", "posted_at");

-- CreateIndex
CREATE UNIQUE INDEX "message_group_id_external_id_key" ON "message"("group_id", "external_id");

-- CreateIndex
CREATE INDEX "signal_group_id_state_settled_at_idx" ON "signal"("group_id", "state", "settled_at");

-- CreateIndex
CREATE INDEX "signal_state_backlog_settled_at_idx" ON "signal"("state", "backlog", "settled_at");

-- CreateIndex
CREATE UNIQUE INDEX "signal_group_id_kind_key_key" ON "signal"("group_id", "kind", "key");

-- CreateIndex
CREATE INDEX "nudge_group_id_day_idx" ON "nudge"("group_id", "day");

-- CreateIndex
CREATE INDEX "nudge_outcome_idx" ON "nudge"("outcome");

-- CreateIndex
CREATE UNIQUE INDEX "nudge_signal_id_person_id_key" ON "nudge"("signal_id", "person_id");

-- CreateIndex
CREATE INDEX "feedback_group_id_verdict_idx" ON "feedback"("group_id", "verdict");

-- CreateIndex
CREATE UNIQUE INDEX "directory_entry_email_key" ON "directory_entry"("email");

-- CreateIndex
CREATE INDEX "directory_entry_person_id_idx" ON "directory_entry"("person_id");

-- CreateIndex
CREATE INDEX "suggestion_group_id_state_idx" ON "suggestion"("group_id", "state");

-- CreateIndex
CREATE INDEX "suggestion_group_id_entry_id_idx" ON "suggestion"("group_id", "entry_id");

-- CreateIndex
CREATE UNIQUE INDEX "decision_record_reference_key" ON "decision_record"("reference");

-- CreateIndex
CREATE INDEX "decision_record_group_id_created_at_idx" ON "decision_record"("group_id", "created_at");

-- CreateIndex
CREATE INDEX "digest_private_office_id_created_at_idx" ON "digest"("private_office_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "digest_private_office_id_period_key" ON "digest"("private_office_id", "period");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_hash_key" ON "ledger_entry"("hash");

-- CreateIndex
CREATE INDEX "import_run_file_hash_idx" ON "import_run"("file_hash");

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "registration" ADD CONSTRAINT "registration_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "chat_group"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "registration" ADD CONSTRAINT "registration_private_office_id_fkey" FOREIGN KEY ("private_office_id") REFERENCES "private_office"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decision_version" ADD CONSTRAINT "decision_version_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "decision_record"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_record_id_fkey" FOREIGN KEY ("record_id") REFERENCES "decision_record"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
