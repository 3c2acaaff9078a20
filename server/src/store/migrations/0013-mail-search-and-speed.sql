-- Search follows delivery: a job fills what is searched, and until then the message is looked through as it is.

-- NULL: not indexed yet.
ALTER TABLE message_text ALTER COLUMN words DROP NOT NULL;
-- What was indexed at delivery has no tokens: it is indexed once more.
UPDATE message_text SET words = NULL;
CREATE INDEX message_text_unindexed ON message_text (organization_id, account_id, message_id) WHERE words IS NULL;

-- Every run of letters and digits of a message, in lower case, once: those of the headers (as written and decoded) and what comes
-- from them, a line end, those of the text. What consists of letters and digits stands in the message exactly if it stands in one of
-- these. A table of its own, whose rows stay whole, because a search passes through all of a mailbox's.
CREATE TABLE message_tokens (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  tokens text NOT NULL,
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
) WITH (toast_tuple_target = 8160);
ALTER TABLE message_tokens ALTER COLUMN tokens SET STORAGE EXTERNAL;

-- The keywords of a mailbox, for SELECT: few copies have any.
CREATE INDEX mailbox_message_keyword ON mailbox_message (organization_id, mailbox_id) INCLUDE (flags)
  WHERE NOT flags <@ '{"\\Seen","\\Answered","\\Flagged","\\Draft","\\Deleted"}';

-- Compressing a text of 10 kB takes twice as long as all else that its row costs, in every delivery; what is kept of a mail is mostly
-- its attachments, which are not here.
ALTER TABLE message_text ALTER COLUMN body SET STORAGE EXTERNAL;
