package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	presource "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// inputs are plain texts, numbers, lists and maps of such, or property.Values.
type inputs map[string]any

// resource is one resource under test, driven as the engine drives it.
type resource struct {
	t      *testing.T
	server integration.Server
	urn    presource.URN
	id     string
	inputs property.Map // as checked
	state  property.Map
}

// newResource is a resource of the type, not created yet.
func newResource(t *testing.T, token tokens.Type) *resource {
	t.Helper()
	return newResourceIn(t.Context(), t, token)
}

// newResourceIn is one whose operations end with ctx, as on an interrupt.
func newResourceIn(ctx context.Context, t *testing.T, token tokens.Type) *resource {
	t.Helper()
	provider, err := newProvider()
	if err != nil {
		t.Fatal(err)
	}
	server, err := integration.NewServer(
		ctx, "command", semver.MustParse("1.2.1"), integration.WithProvider(provider))
	if err != nil {
		t.Fatal(err)
	}
	return &resource{t: t, server: server, urn: presource.NewURN("test", "test", "", token, "thing")}
}

func toMap(values inputs) property.Map {
	converted := map[string]property.Value{}
	for name, value := range values {
		converted[name] = toValue(value)
	}
	return property.NewMap(converted)
}

func toValue(value any) property.Value {
	switch v := value.(type) {
	case inputs:
		return property.New(toMap(v))
	case []any:
		items := []property.Value{}
		for _, item := range v {
			items = append(items, toValue(item))
		}
		return property.New(items)
	case int:
		return property.New(float64(v))
	case property.Value:
		return v
	default:
		return presource.FromResourcePropertyValue(presource.NewPropertyValue(v))
	}
}

// wire is what arrives at the other side of the engine's protocol: there, files are told from maps.
func (r *resource) wire(values property.Map) property.Map {
	r.t.Helper()
	options := plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true}
	sent, err := plugin.MarshalProperties(
		presource.ToResourcePropertyValue(property.New(values)).ObjectValue(), options)
	if err != nil {
		r.t.Fatal(err)
	}
	received, err := plugin.UnmarshalProperties(sent, options)
	if err != nil {
		r.t.Fatal(err)
	}
	return presource.FromResourcePropertyValue(presource.NewProperty(received)).AsMap()
}

// check passes the inputs through Check; the problems are those that the engine would show.
func (r *resource) check(in inputs) (property.Map, []p.CheckFailure) {
	r.t.Helper()
	response, err := r.server.Check(p.CheckRequest{Urn: r.urn, State: r.inputs, Inputs: toMap(in)})
	if err != nil {
		r.t.Fatalf("check: %v", err)
	}
	return r.wire(response.Inputs), response.Failures
}

func (r *resource) checked(in inputs) property.Map {
	r.t.Helper()
	checked, failures := r.check(in)
	if len(failures) > 0 {
		r.t.Fatalf("check: %v", failures)
	}
	return checked
}

// tryCreate creates; an error leaves the resource as it was.
func (r *resource) tryCreate(in inputs) error {
	r.t.Helper()
	checked := r.checked(in)
	response, err := r.server.Create(p.CreateRequest{Urn: r.urn, Properties: checked})
	if err == nil {
		r.id, r.inputs, r.state = response.ID, checked, r.wire(response.Properties)
	}
	return err
}

// tryUpdate updates; an error leaves the resource as it was.
func (r *resource) tryUpdate(in inputs) error {
	r.t.Helper()
	checked := r.checked(in)
	response, err := r.server.Update(p.UpdateRequest{
		ID: r.id, Urn: r.urn, State: r.state, Inputs: checked, OldInputs: r.inputs,
	})
	if err == nil {
		r.inputs, r.state = checked, r.wire(response.Properties)
	}
	return err
}

// diff is the kind of change that an update to the inputs would be, by property.
func (r *resource) diff(in inputs) map[string]p.PropertyDiff {
	r.t.Helper()
	response, err := r.server.Diff(p.DiffRequest{
		ID: r.id, Urn: r.urn, State: r.state, Inputs: r.checked(in), OldInputs: r.inputs,
	})
	if err != nil {
		r.t.Fatalf("diff: %v", err)
	}
	return response.DetailedDiff
}

func (r *resource) create(in inputs) {
	r.t.Helper()
	if err := r.tryCreate(in); err != nil {
		r.t.Fatalf("create: %v", err)
	}
}

func (r *resource) update(in inputs) {
	r.t.Helper()
	if err := r.tryUpdate(in); err != nil {
		r.t.Fatalf("update: %v", err)
	}
}

func (r *resource) delete() {
	r.t.Helper()
	err := r.server.Delete(p.DeleteRequest{ID: r.id, Urn: r.urn, Properties: r.state, OldInputs: r.inputs})
	if err != nil {
		r.t.Fatalf("delete: %v", err)
	}
}

// wantState compares an output that is a text.
func (r *resource) wantState(name, want string) {
	r.t.Helper()
	if got := r.state.Get(name); !got.IsString() || got.AsString() != want {
		r.t.Errorf("output %s: got %v, want %q", name, got, want)
	}
}

// wantError tells that the error has the text; it is the error's text.
func wantError(t *testing.T, err error, want string) string {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got error %v, want one with %q", err, want)
	}
	return err.Error()
}

// shown collects what the engine would show; without an engine that goes to the default logger. A line
// that only the progress display would show, not the final output, begins with "status".
type shown struct {
	mu    sync.Mutex
	lines []string
}

// status is the logger for such lines: the provider library sets an attribute for them.
type status struct{ *shown }

func collectShown(t *testing.T) *shown {
	t.Helper()
	s := &shown{}
	before := slog.Default()
	slog.SetDefault(slog.New(s))
	t.Cleanup(func() { slog.SetDefault(before) })
	return s
}

func (s *shown) has(line string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		if strings.HasPrefix(l, line) {
			return true
		}
	}
	return false
}

func (s *shown) Enabled(context.Context, slog.Level) bool { return true }
func (s *shown) WithAttrs(attrs []slog.Attr) slog.Handler {
	if slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Equal(slog.String("kind", "status")) }) {
		return status{s}
	}
	return s
}
func (s *shown) WithGroup(string) slog.Handler { return s }
func (s *shown) Handle(_ context.Context, record slog.Record) error {
	s.add(record.Level.String() + " " + record.Message)
	return nil
}

func (s status) Handle(_ context.Context, record slog.Record) error {
	s.add("status " + record.Level.String() + " " + record.Message)
	return nil
}

func (s *shown) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func TestMain(m *testing.M) {
	if os.Getenv(asPlugin) != "" {
		main()
		return
	}
	// An agent of the person who runs the tests must not log in for them.
	if err := os.Unsetenv("SSH_AUTH_SOCK"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
