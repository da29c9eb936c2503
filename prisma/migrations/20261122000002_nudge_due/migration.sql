-- AlterTable
ALTER TABLE "chat_group" ADD COLUMN     "detection_token" UUID;

-- AlterTable
ALTER TABLE "nudge" ADD COLUMN     "due_at" TIMESTAMPTZ(3) NOT NULL;
