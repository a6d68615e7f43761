-- Which mail a document came with, as its attachment.
ALTER TABLE document ADD COLUMN came_with VARCHAR;
