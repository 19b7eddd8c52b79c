package blockfront.blocks.catalogue;

import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Technique;
import blockfront.blocks.spi.Traits;
import java.util.List;

/** The entries of the catalogue that are no parts of networks. */
final class Techniques {

  /** They are what they are used on. */
  private static final Traits INHERITED =
      new Traits(
          Traits.Mixing.NONE, Traits.Causality.INHERITED, Traits.Layout.BOTH, "O(N)", true, false);

  static final List<Technique> ALL =
      List.of(
          new Entry(
              "norms",
              "Norms",
              "What brings activations to a standard size: over the channels of a token, over "
                  + "an example, over the batch. Each is a block of its own.",
              "Normalisation",
              Category.NORM,
              new Source(
                  "Layer Normalization",
                  "Ba, Kiros and Hinton",
                  2016,
                  "https://arxiv.org/abs/1607.06450"),
              INHERITED,
              List.of(
                  Knob.option(
                      "norm",
                      "which one, by the id of its block",
                      "layer_norm",
                      "rms_norm",
                      "group_norm",
                      "batch_norm",
                      "scale_norm",
                      "adaptive_instance_norm",
                      "no_norm"))),
          new Entry(
              "layer_scale",
              "Layer scale and drop path",
              "A learned scale for each channel of a branch, small at first; and branches left "
                  + "out at random in training, the later ones more often.",
              "Residual",
              Category.NORM,
              new Source(
                  "Going deeper with Image Transformers",
                  "Touvron et al.",
                  2021,
                  "https://arxiv.org/abs/2103.17239"),
              INHERITED,
              List.of(
                  Knob.decimal(
                      "layer_scale",
                      "where scales start; 0 for none",
                      0,
                      0,
                      1,
                      0.0,
                      1e-6,
                      1e-5,
                      1e-4,
                      1.0),
                  Knob.decimal(
                      "drop_path",
                      "how often the last layer is left out",
                      0,
                      0,
                      0.99,
                      0.0,
                      0.1,
                      0.2))),
          new Entry(
              "isotropic",
              "Isotropic",
              "All layers alike, from the stem to the head: one width, one number of tokens.",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "Training data-efficient image transformers & distillation through attention",
                  "Touvron et al.",
                  2020,
                  "https://arxiv.org/abs/2012.12877"),
              INHERITED,
              List.of()),
          new Entry(
              "pyramid4",
              "Pyramid of four stages",
              "Four stages with ever fewer tokens and more channels: strides 4, 8, 16 and 32.",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "MetaFormer Is Actually What You Need for Vision",
                  "Yu et al.",
                  2021,
                  "https://arxiv.org/abs/2111.11418"),
              INHERITED,
              List.of()),
          new Entry(
              "pyramid3_s16",
              "Pyramid behind a 16x stem",
              "Three stages with strides 16, 32 and 64: few tokens everywhere, so memory and "
                  + "time are small.",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "SHViT: Single-Head Vision Transformer with Memory Efficient Macro Design",
                  "Yun and Ro",
                  2024,
                  "https://arxiv.org/abs/2401.16456"),
              INHERITED,
              List.of()),
          new Entry(
              "mixer_string",
              "One letter a stage",
              "The token mixers of the stages as letters: pppa pools thrice and attends in the "
                  + "last stage. Letters are i (identity), p (pooling), f (fully connected), c "
                  + "(convolution), s (spectral) and a (attention).",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "MetaFormer Is Actually What You Need for Vision",
                  "Yu et al.",
                  2021,
                  "https://arxiv.org/abs/2111.11418"),
              INHERITED,
              List.of()),
          new Entry(
              "spectral_then_attention",
              "Spectral, then attention",
              "The first layers filter in the frequency domain, the rest attend; where one "
                  + "ends and the other begins is a gene.",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "SpectFormer: Frequency and Attention is what you need in a Vision Transformer",
                  "Patro, Namboodiri and Agneeswaran",
                  2023,
                  "https://arxiv.org/abs/2304.06446"),
              INHERITED,
              List.of(Knob.integer("prefix", "layers that filter", 4, 0, 48, 0, 2, 4))),
          new Entry(
              "conv_then_attention",
              "Convolution, then attention",
              "Stages of convolution first, a stage in which the two alternate, then "
                  + "attention.",
              "Layout",
              Category.LAYOUT,
              new Source(
                  "Scale-Aware Modulation Meet Transformer",
                  "Lin et al.",
                  2023,
                  "https://arxiv.org/abs/2307.08579"),
              INHERITED,
              List.of()),
          new Entry(
              "hybrid_ratio",
              "Hybrid ratio",
              "How many layers of linear attention there are for each of full attention, and "
                  + "where the full ones stand. Recall grows with full attention; 3 to 6 linear "
                  + "layers for each are a good start.",
              "Layout",
              Category.SEARCH,
              new Source(
                  "A Systematic Analysis of Hybrid Linear Attention",
                  "Wang et al.",
                  2025,
                  "https://arxiv.org/abs/2507.06457"),
              INHERITED,
              List.of(
                  Knob.option(
                      "ratio",
                      "linear to full attention",
                      "3:1",
                      "all_linear",
                      "24:1",
                      "12:1",
                      "6:1",
                      "1:1",
                      "all_full"),
                  Knob.option(
                      "placement", "where the full layers stand", "periodic", "front", "back"))),
          new Entry(
              "mixed_attention_nas",
              "Mixed attention search",
              "Each layer chooses its own attention, softmax or linear, with its heads and its "
                  + "width; several objectives are searched at once.",
              "Search",
              Category.SEARCH,
              new Source(
                  "Neural Architecture Search on Efficient Transformers and Beyond",
                  "Liu et al.",
                  2022,
                  "https://arxiv.org/abs/2207.13955"),
              INHERITED,
              List.of()),
          new Entry(
              "early_exit",
              "Early exit",
              "A head after every layer and a small gate that chooses one for each example: "
                  + "easy ones leave early.",
              "Dynamic",
              Category.TRAINING,
              new Source(
                  "Efficient Transformer Encoders for Mask2Former-style models",
                  "Yao et al.",
                  2024,
                  "https://arxiv.org/abs/2404.15244"),
              INHERITED,
              List.of(
                  Knob.decimal(
                      "beta", "what a layer more must be worth in quality", 0, 0, 1000, 0.0, 0.1))),
          new Entry(
              "token_merging",
              "Token merging",
              "Between mixer and MLP the most similar tokens become one, weighted by how many "
                  + "they stand for.",
              "Dynamic",
              Category.TRAINING,
              new Source(
                  "Token Merging: Your ViT But Faster",
                  "Bolya et al.",
                  2022,
                  "https://arxiv.org/abs/2210.09461"),
              new Traits(
                  Traits.Mixing.GLOBAL,
                  Traits.Causality.NEVER,
                  Traits.Layout.SEQUENCE,
                  "O(N²)",
                  false,
                  false),
              List.of(
                  Knob.integer(
                      "merged", "tokens fewer after each layer", 8, 0, 4096, 0, 4, 8, 16))),
          new Entry(
              "rep_fold",
              "Structural re-parameterisation",
              "Parallel convolutions with batch norms are trained and then folded into one "
                  + "convolution that answers the same.",
              "Deployment",
              Category.TRAINING,
              new Source(
                  "RepVGG: Making VGG-style ConvNets Great Again",
                  "Ding et al.",
                  2021,
                  "https://arxiv.org/abs/2101.03697"),
              INHERITED,
              List.of()),
          new Entry(
              "int8_ptq",
              "8 bit check",
              "Weights and activations rounded to 8 bits after training: what accuracy that "
                  + "costs, and how large activations get.",
              "Deployment",
              Category.TRAINING,
              new Source(
                  "Q-HyViT: Post-Training Quantization of Hybrid Vision Transformers with Bridge "
                      + "Block Reconstruction for IoT Systems",
                  "Lee et al.",
                  2023,
                  "https://arxiv.org/abs/2303.12557"),
              INHERITED,
              List.of(
                  Knob.integer("bits", "bits of a number", 8, 2, 16, 8),
                  Knob.option(
                      "calibration",
                      "what the range of activations is taken from",
                      "minmax",
                      "percentile",
                      "mse"))),
          new Entry(
              "padding_free",
              "Packed sequences",
              "Sequences of different lengths in one row without padding: a mask keeps them "
                  + "apart, and no work is done on nothing.",
              "Deployment",
              Category.TRAINING,
              new Source(
                  "ByteTransformer: A High-Performance Transformer Boosted for Variable-Length "
                      + "Inputs",
                  "Zhai et al.",
                  2022,
                  "https://arxiv.org/abs/2210.03052"),
              INHERITED,
              List.of()),
          new Entry(
              "distillation",
              "Distillation",
              "A network learns from the answers of a better one as well as from the labels.",
              "Training",
              Category.TRAINING,
              new Source(
                  "Distilling the Knowledge in a Neural Network",
                  "Hinton, Vinyals and Dean",
                  2015,
                  "https://arxiv.org/abs/1503.02531"),
              INHERITED,
              List.of(
                  Knob.decimal(
                      "temperature", "how soft the teacher's answers are made", 4, 0.1, 100, 4.0),
                  Knob.decimal("share", "of the loss that is the teacher's", 0.5, 0, 1, 0.5))),
          new Entry(
              "mqar",
              "Associative recall",
              "Key and value pairs first, then keys alone, whose values are to be told: what a "
                  + "sequence mixer can remember.",
              "Sequence",
              Category.TASK,
              new Source(
                  "Zoology: Measuring and Improving Recall in Efficient Language Models",
                  "Arora et al.",
                  2023,
                  "https://arxiv.org/abs/2312.04927"),
              INHERITED,
              List.of()),
          new Entry(
              "icl_regression",
              "Regression in context",
              "Points of a random linear function, then one more whose value is to be told; "
                  + "the best possible risk is known.",
              "Sequence",
              Category.TASK,
              new Source(
                  "One Step of Gradient Descent is Provably the Optimal In-Context Learner with "
                      + "One Layer of Linear Self-Attention",
                  "Mahankali, Hashimoto and Ma",
                  2023,
                  "https://arxiv.org/abs/2307.03576"),
              INHERITED,
              List.of()),
          new Entry(
              "massive_activation_probe",
              "Massive activations",
              "The greatest activation of each layer against its median, and the curve it "
                  + "follows over training.",
              "Probe",
              Category.PROBE,
              new Source(
                  "Hidden Dynamics of Massive Activations in Transformer Training",
                  "Gallego-Feliciano et al.",
                  2025,
                  "https://arxiv.org/abs/2508.03616"),
              INHERITED,
              List.of()),
          new Entry(
              "outlier_probe",
              "Outliers",
              "Greatest magnitude and kurtosis of what the layers put out: large ones make 8 "
                  + "bit use hard.",
              "Probe",
              Category.PROBE,
              new Source(
                  "Quantizable Transformers: Removing Outliers by Helping Attention Heads Do "
                      + "Nothing",
                  "Bondarenko et al.",
                  2023,
                  "https://arxiv.org/abs/2306.12929"),
              INHERITED,
              List.of()),
          new Entry(
              "sink_mass",
              "Attention sink",
              "How much attention goes to the first token, beside what even attention would "
                  + "give; and how spread out attention is.",
              "Probe",
              Category.PROBE,
              new Source(
                  "Gated Attention for Large Language Models: Non-linearity, Sparsity, and "
                      + "Attention-Sink-Free",
                  "Qiu et al.",
                  2025,
                  "https://arxiv.org/abs/2505.06708"),
              INHERITED,
              List.of()),
          new Entry(
              "energy_probe",
              "Energy",
              "Picojoules of an answer: each multiply-add of numbers and each addition that a "
                  + "spike asks for.",
              "Probe",
              Category.PROBE,
              new Source(
                  "Spike-driven Transformer V2",
                  "Yao et al.",
                  2024,
                  "https://arxiv.org/abs/2404.03663"),
              INHERITED,
              List.of(
                  Knob.decimal("multiply_add", "picojoules of a multiply-add", 4.6, 0, 1000, 4.6),
                  Knob.decimal("spike", "picojoules of a spike operation", 0.9, 0, 1000, 0.9))),
          new Entry(
              "cost_report",
              "Cost",
              "Parameters, multiply-adds, Fourier, elementwise and softmax work, memory: by "
                  + "rules that are printed beside the numbers.",
              "Probe",
              Category.PROBE,
              new Source(
                  "A Survey of Techniques for Optimizing Transformer Inference",
                  "Chitty-Venkata et al.",
                  2023,
                  "https://arxiv.org/abs/2307.07982"),
              INHERITED,
              List.of()));

  private Techniques() {}
}
