-- What automatic replies said, whenever it differed from the time before: the service itself tells only the present one.
CREATE TABLE automatic_reply_changes (
    account INTEGER NOT NULL REFERENCES accounts (row) ON DELETE CASCADE,
    address TEXT NOT NULL COLLATE NOCASE,
    observed INTEGER NOT NULL,
    message TEXT NOT NULL,
    starts INTEGER,
    ends INTEGER,
    PRIMARY KEY (account, address, observed)
) STRICT, WITHOUT ROWID;
INSERT INTO automatic_reply_changes (account, address, observed, message, starts, ends)
    SELECT account, address, as_of, message, starts, ends FROM automatic_replies;
