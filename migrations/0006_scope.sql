-- What an account or a token may change: {"partners": [patterns], "sites": [names]}; NULL: no limit.
ALTER TABLE admin ADD COLUMN scope TEXT CHECK (scope <> '');
ALTER TABLE token ADD COLUMN scope TEXT CHECK (scope <> '');
