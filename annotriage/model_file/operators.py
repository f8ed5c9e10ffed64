"""The operators that a model file may compute with: those that exported backbones have, and their near kin.

All of them do a bounded amount of work on what they are given. ONNX has many more: loops and conditions, which need not
end, and those that make giants, random numbers, texts or sequences out of nothing; no backbone needs them.
"""

STANDARD_DOMAINS = frozenset({"", "ai.onnx"})

OPERATORS = frozenset(
    """
    Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant
    ConstantOfShape Conv ConvTranspose DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor
    Gather Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GroupNormalization
    HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization LeakyRelu Less LessOrEqual Log
    LogSoftmax LpNormalization LpPool MatMul Max MaxPool Mean Min Mish Mul Neg Not Or PRelu Pad Pow RMSNormalization
    Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
    ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Size Slice Softmax Softplus Softsign
    SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tanh ThresholdedRelu Transpose Unsqueeze Upsample Where Xor
    """.split()
)

LARGEST_SHAPE = 2**28
"""Numbers in the largest shape that a graph may write down: a GB in float32, where a backbone needs some 50 MB."""
ENDS = frozenset({2**63 - 1, -(2**63), 2**31 - 1, -(2**31)})
"""How exporters write "to the end" where a part is cut out; no size."""
