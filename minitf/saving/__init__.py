"""What is kept in files: checkpoints of variables, and saved models, which have functions too.

Files are written whole (`archive`). What belongs to an object is found by its attributes (`trackable`), and described
by the paths that lead there, without any class (`checkpoint`, `model`). `tf.train` and `tf.saved_model` are the names.
"""
