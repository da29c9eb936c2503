-- AlterTable
ALTER TABLE "nudge" ADD COLUMN     "shared" BOOLEAN NOT NULL DEFAULT false;
