// libraries: AWS's caching library for Go, unmodified, tried as it is meant to be used. Prints what libraries.py prints.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-secretsmanager-caching-go/v2/secretcache"
	"github.com/aws/smithy-go/middleware"
)

const library = "caching-go"

var (
	plain *secretsmanager.Client
	cache *secretcache.Cache
	asked []string
	made  int
)

// watched: the operation of each request is kept.
func watched(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Watched", func(ctx context.Context,
		in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		asked = append(asked, awsmiddleware.GetOperationName(ctx))
		return next.HandleInitialize(ctx, in)
	}), middleware.After)
}

func secret(in *secretsmanager.CreateSecretInput) string {
	made++
	name := fmt.Sprintf("sdk/libraries/go/%d/%d", time.Now().UnixNano(), made)
	in.Name = &name
	if _, err := plain.CreateSecret(context.Background(), in); err != nil {
		panic(err)
	}
	return name
}

func text(value string) string {
	return secret(&secretsmanager.CreateSecretInput{SecretString: &value})
}

func same(got, wanted any) {
	if !reflect.DeepEqual(got, wanted) {
		panic(fmt.Sprintf("%#v, not %#v", got, wanted))
	}
}

// is: what the cache gives for a name.
func is(name, wanted string) {
	got, err := cache.GetSecretString(name)
	same(err, nil)
	same(got, wanted)
}

func textIsAskedForOnce() {
	name := text("naïve 漢字")
	for i := 0; i < 3; i++ {
		is(name, "naïve 漢字")
	}
	same(asked, []string{"DescribeSecret", "GetSecretValue"})
}

func bytesComeBack() {
	bytes := []byte{0, 255}
	got, err := cache.GetSecretBinary(secret(&secretsmanager.CreateSecretInput{SecretBinary: bytes}))
	same(err, nil)
	same(got, bytes)
}

func whatIsPutIsSeenWhenRefreshed() {
	name, two := text("one"), "two"
	is(name, "one")
	_, err := plain.PutSecretValue(context.Background(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &two})
	same(err, nil)
	is(name, "one")
	cache.RefreshNow(name)
	is(name, "two")
	got, err := cache.GetSecretStringWithStage(name, "AWSPREVIOUS")
	same(err, nil)
	same(got, "one")
}

func anAbsentOneIsRefused() {
	var absent *types.ResourceNotFoundException
	_, err := cache.GetSecretString("sdk/libraries/absent")
	if !errors.As(err, &absent) {
		panic(fmt.Sprint(err))
	}
}

func wrong(deed func()) (said any) {
	defer func() {
		if said = recover(); said != nil {
			said = fmt.Sprint(said)
		}
	}()
	asked = nil
	deed()
	return nil
}

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		panic(err)
	}
	plain = secretsmanager.NewFromConfig(settings)
	cache, err = secretcache.New(func(c *secretcache.Cache) {
		c.Client = secretsmanager.NewFromConfig(settings, func(o *secretsmanager.Options) {
			o.APIOptions = append(o.APIOptions, watched)
		})
	})
	if err != nil {
		panic(err)
	}
	lines, called := json.NewEncoder(os.Stdout), map[string]bool{}
	for _, one := range []struct {
		name string
		deed func()
	}{
		{"text is asked for once", textIsAskedForOnce},
		{"bytes come back", bytesComeBack},
		{"what is put is seen when refreshed", whatIsPutIsSeenWhenRefreshed},
		{"an absent one is refused", anAbsentOneIsRefused},
	} {
		lines.Encode(map[string]any{"library": library, "case": one.name, "wrong": wrong(one.deed)})
		for _, operation := range asked {
			called[operation] = true
		}
	}
	names := []string{}
	for name := range called {
		names = append(names, name)
	}
	sort.Strings(names)
	lines.Encode(map[string]any{"library": library, "called": names})
}
