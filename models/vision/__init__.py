"""The ONNX models: catalogue, session, pre- and post-processing. Only edge imports it."""
