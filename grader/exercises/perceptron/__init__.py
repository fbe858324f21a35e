"""The exercises of chapter 1, in the order of the chapter.

What each is tried on, and which mistakes it knows, stands in the modules it comes from.
"""

from grader.exercises.perceptron import activation, layers, learning, neuron, predictions

CHAPTER = "01-perceptron"

opening = predictions.opening
predict_learning = predictions.predict_learning
classify_t_e_p = learning.classify_t_e_p
weighted_sum = neuron.weighted_sum
predict_evenings = predictions.predict_evenings
decide = neuron.decide
missing_weight = neuron.missing_weight
flip_count = neuron.flip_count
predict_order = predictions.predict_order
bias_form = activation.bias_form
step_and_sigmoid = activation.step_and_sigmoid
gates = layers.gates
predict_xor = predictions.predict_xor
xor_needs_two_layers = layers.xor_needs_two_layers
xor = layers.xor
count_yes = neuron.count_yes
