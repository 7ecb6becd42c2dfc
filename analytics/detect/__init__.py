"""What a model sees: ONNX files of several families, and the thread that asks them about regions that moved."""
