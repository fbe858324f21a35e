"""`tf.keras.callbacks`: what somebody wants to do while a model is fitted, evaluated or asked for predictions."""

from minitf.keras.callbacks.backup_and_restore import BackupAndRestore
from minitf.keras.callbacks.callback import Callback
from minitf.keras.callbacks.callback_list import CallbackList
from minitf.keras.callbacks.csv_logger import CSVLogger
from minitf.keras.callbacks.early_stopping import EarlyStopping
from minitf.keras.callbacks.history import History
from minitf.keras.callbacks.lambda_callback import LambdaCallback
from minitf.keras.callbacks.learning_curves import LearningCurves
from minitf.keras.callbacks.learning_rate_scheduler import LearningRateScheduler
from minitf.keras.callbacks.model_checkpoint import ModelCheckpoint
from minitf.keras.callbacks.progbar_logger import ProgbarLogger
from minitf.keras.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from minitf.keras.callbacks.swap_ema_weights import SwapEMAWeights
from minitf.keras.callbacks.terminate_on_nan import TerminateOnNaN
from minitf.names import nearest

__all__ = [
    "BackupAndRestore", "CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback",
    "LearningCurves", "LearningRateScheduler", "ModelCheckpoint", "ProgbarLogger", "ReduceLROnPlateau",
    "SwapEMAWeights", "TerminateOnNaN",
]  # fmt: skip

__getattr__ = nearest("keras.callbacks")
