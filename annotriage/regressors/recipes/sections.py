"""Sections of a recipe: split, augmentation, loss, optimiser, schedule, stages, and what the card says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from annotriage.model_file.card_parts import Line, Text

MOST_EPOCHS = 10_000
OUTLINE_TERMS = ("expected_dice", "threshold_dice", "log_area", "softness")
"""What regressions on outlines are told of an outline's map: see `annotriage.regressors.networks.mask_decoder`."""
Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]


class Section(BaseModel):
    """What all sections of a recipe share: unknown words are refused, values are fixed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Augmentation(Section):
    """Random changes to training images, drawn anew each time an image is seen."""

    horizontal_flip: bool = Field(True, description="mirror half of the images left to right")
    vertical_flip: bool = Field(False, description="turn half of the images upside down")
    rotation_degrees: float = Field(10.0, ge=0, le=180, description="largest rotation to either side")
    zoom: float = Field(0.0, ge=0, le=0.5, description="largest change of size, as the logarithm of the factor")
    shift: float = Field(0.0, ge=0, le=0.5, description="largest shift, as a share of the side")
    colour: float = Field(0.0, ge=0, le=0.5, description="largest relative change of brightness, contrast, saturation")
    border_blur: float = Field(0.0, ge=0, le=1, description="share of images with a mask whose border is smeared")
    border_blur_width: float = Field(
        0.05, gt=0.01, le=0.3, description="widest of those smears: standard deviation as a share of the side"
    )
    mixup: float = Field(0.0, ge=0, le=2, description="alpha of mixup's Beta distribution; 0 is off")


class Loss(Section):
    """What the fit makes small."""

    name: Literal["mse", "l1", "smooth_l1"] = Field(
        "mse", description="mse punishes large errors most, l1 all alike, smooth_l1 lies between"
    )
    beta: float = Field(0.1, gt=0, le=1, description="where smooth L1 turns from a square to a line")


class Optimiser(Section):
    """How weights move."""

    name: Literal["adam", "adamw", "sgd"] = Field(
        "adam", description="adam needs little tuning; adamw applies weight decay as it is meant; sgd is the plainest"
    )
    learning_rate: float = Field(
        1e-4, gt=0, le=1, description="size of a step: too large and nothing is learned, too small and it takes long"
    )
    weight_decay: float = Field(1e-4, ge=0, le=1, description="pulls weights towards 0, against learning by heart")
    momentum: float = Field(0.9, ge=0, lt=1, description="of SGD")
    head_rate: float = Field(
        1.0, gt=0, le=1000, description="learning rate of the last layer, in multiples of the rest's"
    )


class Schedule(Section):
    """How the learning rate changes over the epochs."""

    name: Literal["constant", "plateau", "one_cycle", "cosine"] = Field(
        "plateau",
        description="plateau lowers the rate when nothing gets better, cosine steadily; one_cycle raises it first",
    )
    factor: float = Field(0.1, gt=0, lt=1, description="of plateau: what the rate is multiplied by")
    patience: int = Field(1, ge=0, le=100, description="of plateau: epochs without a better validation loss")
    warm_up: float = Field(0.15, ge=0, lt=1, description="of one_cycle: share of the steps in which the rate rises")


class EarlyStopping(Section):
    """When a fit ends before its last epoch, and which epoch's weights are kept."""

    patience: int = Field(3, ge=0, le=1000, description="epochs without a better validation loss; 0 is off")
    keep_best: bool = Field(True, description="keep the epoch with the best validation loss, else the last one")


class Fit(Section):
    """How long and in what portions."""

    epochs: int = Field(10, ge=1, le=MOST_EPOCHS, description="times that every training image is seen, at most")
    batch_size: int = Field(32, ge=2, le=4096, description="images a step; fewer need less memory")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="auto takes bfloat16 where it is quicker than float32 on this computer and with this network",
    )
    augmentation: Augmentation = Augmentation()
    loss: Loss = Loss()
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    early_stopping: EarlyStopping = EarlyStopping()


class SplitFractions(Section):
    """Shares of the labelled images; stratified on the Dice, groups (patient, lesion) on one side."""

    train: Fraction = Field(0.70, description="share of the images to learn from")
    validation: Fraction = Field(0.15, description="share that says when to stop and how wide intervals are")
    test: Fraction = Field(0.15, description="share that the result is measured on and nothing learns from")
    seed: int | None = Field(None, ge=0, description="of the split; the recipe's seed when left out")
    folds: int | None = Field(
        None, ge=2, le=100, description="cross-validation: test on one of so many folds, whatever the share of test"
    )
    fold: int | None = Field(None, ge=1, description="which of the folds, from 1, is tested on")

    @property
    def validation_of_learned(self) -> float:
        """Share of validation in what is learned from (training and validation)."""
        return self.validation / (self.train + self.validation)

    @model_validator(mode="after")
    def _names_a_fold(self) -> "SplitFractions":
        if (self.folds is None) != (self.fold is None):
            raise ValueError("folds and fold go together: how many there are, and which one is tested on")
        if self.folds is not None and self.fold is not None and self.fold > self.folds:
            raise ValueError(f"there is no fold {self.fold} of {self.folds}")
        return self

    @model_validator(mode="after")
    def _sums_to_one(self) -> "SplitFractions":
        total = self.train + self.validation + self.test
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"train, validation and test must add up to 1; they add up to {total:g}")
        return self


class MaskHead(Section):
    """A decoder that outlines the lesion, and what of its probability map enters the prediction."""

    enabled: bool = Field(False, description="outline the lesion as well; needs a folder of expert masks")
    terms: tuple[Literal["expected_dice", "threshold_dice", "log_area", "softness"], ...] = Field(
        ("expected_dice", "threshold_dice", "log_area"),
        description="what of the outline's probability map enters the prediction",
    )
    weight: float = Field(0.5, ge=0, le=100, description="of the mask loss beside the Dice loss while fitting")
    overlap_weight: float = Field(
        0.5, ge=0, le=100, description="of overlap in the mask loss: more is a sharper outline, 0 an honest probability"
    )


class MaskRound(Section):
    """A number of epochs of the mask stage at one image size."""

    image_size: int = Field(ge=32, le=1024, multiple_of=32, description="pixels a side")
    epochs: int = Field(ge=1, le=MOST_EPOCHS, description="epochs at this size")


class FirstMaskStage(Section):
    """Outlining learned from all folders of masks, before the mask stage goes on with the labelled images' own folder.

    Masks of elsewhere are many, and of another style: what lesions look like is learned from them, and where people
    draw their border from those that belong to the images.
    """

    rounds: tuple[MaskRound, ...] = Field(
        (MaskRound(image_size=128, epochs=2),), min_length=1, description="image sizes and their epochs"
    )
    learning_rate: float = Field(1.5e-3, gt=0, le=1, description="highest of its own one cycle")

    @property
    def image_sizes(self) -> tuple[int, ...]:
        """The image size of each epoch."""
        return tuple(each.image_size for each in self.rounds for _ in range(each.epochs))


class MaskStage(Section):
    """Training on expert masks, before any agreement label is seen.

    Uses only images without an agreement label that share no patient or lesion with a labelled one, so that the lesion
    maps of labelled images (train, validation and test alike) are those of images never seen. Small images first: an
    epoch costs half as much, and coarse shapes are learned as well from them.
    """

    rounds: tuple[MaskRound, ...] = Field(
        (MaskRound(image_size=128, epochs=18), MaskRound(image_size=192, epochs=10)),
        min_length=1,
        description="image sizes and their epochs, small images first because they cost less",
    )
    batch_size: int = Field(32, ge=2, le=4096, description="images a step; fewer need less memory")
    learning_rate: float = Field(2e-3, gt=0, le=1, description="highest of the one cycle over all rounds")
    weight_decay: float = Field(0.02, ge=0, le=1, description="pulls weights towards 0, against learning by heart")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="auto takes bfloat16 where it is quicker than float32 on this computer and with this network",
    )
    augmentation: Augmentation = Augmentation()
    first: FirstMaskStage | None = Field(None, description="rounds on all folders of masks before")

    @model_validator(mode="after")
    def _ends(self) -> "MaskStage":
        epochs = sum(each.epochs for each in (*self.rounds, *(self.first.rounds if self.first else ())))
        if epochs > MOST_EPOCHS:
            raise ValueError(f"the rounds have {epochs:,} epochs in all; at most {MOST_EPOCHS:,} are allowed")
        return self

    @property
    def first_fit(self) -> Fit:
        """The first stage as the `Fit` it is, like this one but for its rounds and rate."""
        assert self.first is not None
        return self.model_copy(update={"rounds": self.first.rounds, "learning_rate": self.first.learning_rate}).fit

    @property
    def fit(self) -> Fit:
        """The stage as the `Fit` it is: AdamW, one cycle, the last epoch's weights."""
        return Fit(
            epochs=sum(each.epochs for each in self.rounds),
            batch_size=self.batch_size,
            precision=self.precision,
            augmentation=self.augmentation,
            optimiser=Optimiser(name="adamw", learning_rate=self.learning_rate, weight_decay=self.weight_decay),
            schedule=Schedule(name="one_cycle"),
            early_stopping=EarlyStopping(patience=0, keep_best=False),
        )

    @property
    def image_sizes(self) -> tuple[int, ...]:
        """The image size of each epoch."""
        return tuple(each.image_size for each in self.rounds for _ in range(each.epochs))

    @property
    def all_sizes(self) -> tuple[int, ...]:
        """The image size of each epoch, those of the first stage before."""
        return (*(self.first.image_sizes if self.first else ()), *self.image_sizes)


class Distillation(Section):
    """Several teachers, each blind to one fold of the labelled images, folded into the one network that is shipped.

    The folds divide train and validation together: what a teacher says of the fold it has not seen is what the student
    learns from beside the label, and what the interval is measured on. The student has its own fit.

    Teachers are whole networks, made by the recipe's `fit`; or, with "outlines", support vector regressions on a few
    numbers that describe how far the lesion map's own outlines lie apart. These need a good mask stage and hardly any
    time, and hold on to less of the labels' noise than a network does.
    """

    folds: int = Field(5, ge=2, le=50, description="teachers; each is fitted without one fold of train + validation")
    teachers: Literal["networks", "outlines"] = Field(
        "networks", description="networks look at the whole image, outlines only at the lesion map; these need masks"
    )
    views: int = Field(8, ge=1, le=8, description="flips and quarter turns over which a teacher's answer is averaged")
    label_share: float = Field(0.5, ge=0, le=1, description="share of the true Dice in a labelled image's target")
    unlabelled: bool = Field(True, description="teach the student on images without a label as well")
    student_share: float = Field(
        1.0,
        ge=0,
        le=1,
        description="how far the student goes from where it starts to where its fit ends; 0 (with outlines) is no fit: "
        "the teachers' regression itself becomes the network's head",
    )
    fit: Fit = Field(default_factory=Fit, description="the student's fit")

    @property
    def teaches_unlabelled(self) -> bool:
        """Whether anything is learned from images without a label, masks aside."""
        return self.unlabelled and self.student_share > 0


class CardText(Section):
    """What people read in the model's card and no measurement can fill in; the card's own rules for text hold here."""

    version: Line = Field("1", description="of the model, in your own counting")
    title: Line = Field("", description="what people see of the model first")
    data: Text = Field("Labelled images of the user's own.", description="what it learned from")
    intended_use: Text = Field(
        "Ranking lesion images by how much the people who outline them will disagree, so that the contentious ones get "
        "more annotators. Not a diagnosis, and nothing about the patient may be concluded from it.",
        description="what it is for, and what it is not for",
    )
    limitations: Text = Field(
        "Trained and measured on one set of images; on others it may rank worse and its intervals may miss.",
        description="where it may fail",
    )
    licence: Line = Field("not stated", description="what others may do with it; the images' licences have a say")
