"""expected: what a secret has to be after a kill, from what was asked and what was answered: exactly what was
acknowledged, or that and the one change that nobody heard the answer of."""

from dataclasses import dataclass, field

WRITES = ("CreateSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "DeleteSecret", "RestoreSecret")
CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"


@dataclass(frozen=True)
class Asked:
    """A line of the load: see load.c."""
    writer: int
    port: int
    operation: str
    secret: str
    token: str
    detail: str
    begun: int
    ended: int
    status: int
    id: str
    reply: str

    @classmethod
    def read(cls, line):
        fields = line.split("\t")
        return cls(int(fields[0]), int(fields[1]), *fields[2:6], int(fields[6]), int(fields[7]), int(fields[8]), *fields[9:])

    @property
    def writes(self):
        return self.operation in WRITES

    @property
    def answered(self):
        return self.ended != 0

    @property
    def acknowledged(self):
        return self.status == 200


def value_of(token, size):
    """A value says which version it is of, over and over."""
    return (token * (size // len(token) + 1))[:size]


@dataclass
class Secret:
    """As it should be read. `values`: the size of each version's."""
    there: bool = False
    deleted: bool = False
    description: str = None
    values: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)

    def copy(self):
        return Secret(self.there, self.deleted, self.description, dict(self.values), dict(self.labels))

    def add(self, token, size, label):
        self.values[token] = size
        self.move(label, token)

    def move(self, label, token):
        if label == CURRENT and CURRENT in self.labels and self.labels[CURRENT] != token:
            self.labels[PREVIOUS] = self.labels[CURRENT]
        self.labels[label] = token

    def change(self, asked):
        getattr(self, asked.operation)(asked)

    def CreateSecret(self, asked):
        self.there = True
        self.add(asked.token, int(asked.detail), CURRENT)

    def PutSecretValue(self, asked):
        size, *label = asked.detail.split()
        self.add(asked.token, int(size), label[0] if label else CURRENT)

    def UpdateSecret(self, asked):
        if asked.detail.isdigit():
            self.add(asked.token, int(asked.detail), CURRENT)
        else:
            self.description = asked.detail

    def UpdateSecretVersionStage(self, asked):
        self.move(CURRENT, asked.token)

    def DeleteSecret(self, asked):
        if asked.detail == "force":
            self.__init__()
        else:
            self.deleted = True

    def RestoreSecret(self, asked):
        self.deleted = False

    def stages(self):
        """As DescribeSecret tells them."""
        told = {}
        for label, token in self.labels.items():
            told.setdefault(token, []).append(label)
        return {token: sorted(labels) for token, labels in told.items()}


def candidates(before, asked):
    """The states that a secret of one writer may be in after these questions, and the change that makes the second one."""
    state = before.copy()
    unheard = None
    for one in asked:
        if one.acknowledged and one.writes:
            state.change(one)
        elif not one.answered and one.writes:
            unheard = one
    if unheard is None:
        return [state], None
    after = state.copy()
    after.change(unheard)
    return [state, after], unheard
