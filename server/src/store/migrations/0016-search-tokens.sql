-- The exact search covers every header and decoded text: what tells where to look for it is made anew, from the bytes, by the job.

-- 0: not made yet; 1: made; 2: there is more than is worth keeping, so that the message is always looked through.
ALTER TABLE message_text ADD COLUMN runs_state smallint NOT NULL DEFAULT 0;

DROP INDEX message_text_unindexed;
CREATE INDEX message_text_unindexed ON message_text (organization_id, account_id, message_id)
  WHERE words IS NULL OR runs_state <> 1;

DROP TABLE message_tokens;

-- Every run of letters, digits and marks of a message, once, by i;unicode-casemap, each between two spaces: those of its headers, a
-- line feed, those of its text. The separators are the runs of all else, each between two letters "a", with a "z" after the headers'.
-- What consists of letters and digits alone stands in the message exactly if it stands in one of its tokens; what has none of them, in
-- one of its separators. A table of its own, whose rows stay whole, because a search passes through all of a mailbox's.
CREATE TABLE message_tokens (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  tokens text NOT NULL,
  separators text NOT NULL,
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
) WITH (toast_tuple_target = 8160);
ALTER TABLE message_tokens ALTER COLUMN tokens SET STORAGE EXTERNAL;
ALTER TABLE message_tokens ALTER COLUMN separators SET STORAGE EXTERNAL;

-- The fields that people search by, by i;unicode-casemap, in each form in which they are found, with U+FFFF around each, which no
-- text has. NULL: there is no such field.
CREATE TABLE message_header (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  subject text,
  "from" text,
  "to" text,
  cc text,
  bcc text,
  message_ids text,
  -- "<id>" when that is all there is to the only field of this name, and empty when there is something else.
  message_id_alone text,
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
);
CREATE INDEX message_header_message_id ON message_header (organization_id, left(message_id_alone, 250))
  WHERE message_id_alone IS NOT NULL;
