-- What is written in attached documents. They are read behind the deliveries, because reading a PDF may take seconds.

-- Messages with attachments that nobody looked at yet. What fails is tried again later, a few times.
CREATE TABLE document_task (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  account_id uuid NOT NULL,
  blob_id uuid NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
);
CREATE INDEX document_task_due ON document_task (due_at);
CREATE INDEX document_task_by_blob ON document_task (organization_id, blob_id);

CREATE TABLE message_document (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  account_id uuid NOT NULL,
  words tsvector NOT NULL,
  PRIMARY KEY (organization_id, message_id),
  FOREIGN KEY (organization_id, message_id) REFERENCES message ON DELETE CASCADE
);
CREATE INDEX message_document_words ON message_document USING gin (account_id, words);

-- What was delivered before.
INSERT INTO document_task (organization_id, message_id, account_id, blob_id)
  SELECT organization_id, id, account_id, blob_id FROM message WHERE has_attachment;
