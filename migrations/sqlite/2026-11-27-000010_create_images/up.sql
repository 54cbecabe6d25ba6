-- Images that editors uploaded. Their bytes are in the storage, under names that follow from the key, the size and the format.
CREATE TABLE images (
    id INTEGER NOT NULL PRIMARY KEY,
    -- The beginning of the SHA-256 of the uploaded file, in hexadecimal digits.
    key TEXT NOT NULL UNIQUE CHECK (length(key) = 32),
    -- The uploaded file's name.
    file_name TEXT NOT NULL,
    -- What the image shows, for those who do not see it.
    alt TEXT NOT NULL CHECK (alt <> ''),
    -- Pixels, bytes and format of the widest version that is kept.
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    bytes INTEGER NOT NULL CHECK (bytes > 0),
    format TEXT NOT NULL CHECK (format IN ('jpg', 'png', 'webp')),
    -- Who uploaded it.
    editor_id BIGINT REFERENCES editors (id) ON DELETE SET NULL,
    uploaded_at TIMESTAMP NOT NULL,
    -- Since when it is in the bin.
    removed_at TIMESTAMP
);

CREATE INDEX images_of_editor ON images (editor_id);
CREATE INDEX images_newest ON images (uploaded_at);
