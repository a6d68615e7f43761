-- Which current versions have had their text taken out; the text itself lies encrypted in index/ and can be made anew.
CREATE TABLE document_text (
    version_id VARCHAR PRIMARY KEY,
    document_id VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,           -- text, cut, image-only, none, password-protected, unreadable, timeout, too-large
    characters INTEGER NOT NULL,
    format INTEGER NOT NULL,            -- of the reader: a newer one reads anew
    read_at TIMESTAMP NOT NULL
);
