-- `\Recent` of IMAP4rev1 (RFC 3501 section 2.3.2): the highest uid that some session was already told of as recent. No modseq moves
-- with it: it is nothing that a client could synchronize.
ALTER TABLE mailbox ADD COLUMN recent_uid bigint NOT NULL DEFAULT 0;
-- What was there before was seen by somebody.
UPDATE mailbox SET recent_uid = uidnext - 1;
