"""The exercises of the course: one module per chapter, each with a `CHAPTER` name and module-level `Exercise`s."""
