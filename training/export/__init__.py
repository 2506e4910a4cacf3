"""Trained models as ONNX, exactly."""
