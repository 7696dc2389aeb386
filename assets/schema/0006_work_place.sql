-- Where somebody says they work today: office, remote, timeOff; empty where they do not say.
ALTER TABLE presence ADD COLUMN work_place TEXT NOT NULL DEFAULT '';
